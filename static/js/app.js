// What every page needs, and the grid. One behaviour a file; they talk by DOM events only.
import "./toast.js";
import "./requests.js";
import "./offline.js";
import "./focus.js";
import "./dialog.js";
import "./copy.js";
import "./theme.js";
import "./keys-help.js";
import "./later.js";
import "./clip-video.js";
import "./filter.js";
import "./score-slider.js";
import "./grid.js";
import "./play.js";
import "./favourite.js";
import "./panel.js";
