//! Traffic as timelines through the whole pipeline: who drove where and when, what the cameras
//! sent, and which records must come out.

mod clocks;
mod confirmation;
mod contradictions;
mod elsewhere;
mod evasion;
mod evidence;
mod expected;
mod fuller;
mod halves;
mod late;
mod late_in_full;
mod nose_to_tail;
mod pairing;
mod parts;
mod properties;
mod repeats;
mod restarts;
mod shifts;
mod strangers;
mod vocabulary;
mod wrong_way;
