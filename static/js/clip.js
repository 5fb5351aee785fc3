// What a clip that is hovered or open needs beside app.js.
import "./filmstrip.js";
import "./player.js";
import "./player-keys.js";
import "./peek.js";
import "./transcript.js";
import "./waveform.js";
import "./clip-steps.js";
import "./order.js";
import "./waits.js";
