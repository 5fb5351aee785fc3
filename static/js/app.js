// The table of contents: one behaviour a file; they talk by DOM events only.
import "./toast.js";
import "./requests.js";
import "./offline.js";
import "./focus.js";
import "./dialog.js";
import "./copy.js";
import "./theme.js";
import "./keys-help.js";
import "./filmstrip.js";
import "./clip-video.js";
import "./player.js";
import "./player-keys.js";
import "./peek.js";
import "./transcript.js";
import "./waveform.js";
import "./clip-steps.js";
