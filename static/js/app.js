// The table of contents: one behaviour a file; they talk by DOM events only.
