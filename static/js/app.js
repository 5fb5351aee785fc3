// The table of contents: one behaviour a file; they talk by DOM events only.
import "./filmstrip.js";
import "./poll.js";
