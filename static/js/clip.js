// What a clip that is open needs beside app.js.
import "./player.js";
import "./player-keys.js";
import "./peek.js";
import "./transcript.js";
import "./waveform.js";
import "./clip-steps.js";
import "./order.js";
import "./waits.js";
