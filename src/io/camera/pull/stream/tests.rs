use tempfile::TempDir;

use super::*;

const KIND: &str = "multipart/mixed; boundary=boundary";

struct Pulled {
    stream: Stream,
    /// Texts and sizes of pictures of each event.
    events: Vec<(usize, usize)>,
    lost: usize,
    _dir: TempDir,
}

impl Pulled {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = PictureFolder::open(dir.path(), 1 << 20).unwrap();
        let stream = Stream::new(KIND, (16, 1 << 20), folder).unwrap();
        Self { stream, events: Vec::new(), lost: 0, _dir: dir }
    }

    fn take(&mut self, came: Vec<Came>) {
        for came in came {
            match came {
                Came::Event(event) => self.events.push((event.texts.len(), event.pictures.len())),
                Came::Lost(_) => self.lost += 1,
            }
        }
    }

    fn push(&mut self, bytes: &[u8]) -> &mut Self {
        let came = self.stream.push(bytes).unwrap();
        self.take(came);
        self
    }

    fn pause(&mut self, pause: Pause) -> &mut Self {
        let came = self.stream.pause(pause).unwrap();
        self.take(came);
        self
    }
}

fn part(kind: &str, content: &[u8], length: bool) -> Vec<u8> {
    let length =
        if length { format!("Content-Length: {}\r\n", content.len()) } else { String::new() };
    let head = format!("--boundary\r\nContent-Type: {kind}\r\n{length}\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

fn message(pictures: Option<usize>) -> Vec<u8> {
    let number = pictures.map(|number| format!("<picNum>{number}</picNum>")).unwrap_or_default();
    format!(
        "<EventNotificationAlert><eventType>ANPR</eventType>{number}<ANPR>\
         <licensePlate>A</licensePlate></ANPR></EventNotificationAlert>"
    )
    .into_bytes()
}

fn heartbeat() -> Vec<u8> {
    let xml = "<EventNotificationAlert><eventType>videoloss</eventType>\
               <eventState>inactive</eventState></EventNotificationAlert>";
    part("application/xml", xml.as_bytes(), true)
}

const JPEG: &[u8] = b"\xff\xd8 picture \xff\xd9";

#[test]
fn an_event_is_whole_with_its_last_picture_and_a_pause() {
    for length in [true, false] {
        let mut pulled = Pulled::new();
        pulled.push(&part("application/xml", &message(Some(1)), length));
        pulled.push(&part("image/jpeg", JPEG, length));
        assert_eq!(pulled.events, []);
        assert_eq!(pulled.pause(Pause::OfPart).events, [(1, 1)], "length {length}");
    }
}

#[test]
fn a_pause_inside_a_picture_ends_nothing() {
    for length in [true, false] {
        let mut pulled = Pulled::new();
        let picture = part("image/jpeg", JPEG, length);
        let cut = picture.len() - 8;
        pulled.push(&part("application/xml", &message(Some(1)), length));
        pulled.push(&picture[..cut]).pause(Pause::OfPart).pause(Pause::OfEvent);
        assert_eq!(pulled.events, []);
        pulled.push(&picture[cut..]).pause(Pause::OfPart);
        assert_eq!(pulled.events, [(1, 1)]);
    }
}

#[test]
fn a_message_that_tells_no_number_waits_for_pictures_and_for_the_next_message() {
    let mut pulled = Pulled::new();
    pulled.push(&part("application/xml", &message(None), true)).pause(Pause::OfPart);
    pulled.push(&part("image/jpeg", JPEG, true)).pause(Pause::OfPart);
    assert_eq!(pulled.events, []);
    assert_eq!(pulled.pause(Pause::OfEvent).events, [(1, 1)]);
    pulled.push(&part("application/xml", &message(None), true));
    pulled.push(&heartbeat()).pause(Pause::OfPart);
    assert_eq!(pulled.events, [(1, 1), (1, 0), (1, 0)], "the message, then the heartbeat");
}

#[test]
fn pictures_before_any_message_belong_to_nobody() {
    let mut pulled = Pulled::new();
    pulled.push(&part("image/jpeg", JPEG, true)).pause(Pause::OfPart);
    pulled.push(&part("application/xml", &message(Some(0)), true)).pause(Pause::OfPart);
    assert_eq!(pulled.events, [(1, 0)]);
}

#[test]
fn chunks_of_any_size_give_the_same_events() {
    let parts = [
        heartbeat(),
        part("application/xml", &message(Some(2)), true),
        part("image/jpeg", JPEG, true),
        part("image/jpeg", JPEG, false),
        part("application/xml", &message(Some(0)), false),
        heartbeat(),
    ];
    let body = parts.concat();
    for size in 1..body.len() {
        let mut pulled = Pulled::new();
        body.chunks(size).for_each(|chunk| {
            pulled.push(chunk);
        });
        pulled.pause(Pause::OfPart);
        assert_eq!(
            (pulled.events, pulled.lost),
            (vec![(1, 0), (1, 2), (1, 0), (1, 0)], 0),
            "{size}"
        );
    }
}

#[test]
fn what_is_open_at_the_end_is_given_as_it_is() {
    let mut pulled = Pulled::new();
    let picture = part("image/jpeg", JPEG, true);
    pulled.push(&part("application/xml", &message(Some(1)), true));
    pulled.push(&picture[..picture.len() - 8]);
    let Pulled { stream, .. } = pulled;
    let came = stream.finish();
    let events =
        came.iter().filter(|came| matches!(came, Came::Event(event) if event.texts.len() == 1));
    let lost = came.iter().filter(|came| matches!(came, Came::Lost(Refused::Truncated)));
    assert_eq!((events.count(), lost.count()), (1, 1));
}

#[test]
fn another_type_is_no_stream() {
    let dir = tempfile::tempdir().unwrap();
    let folder = PictureFolder::open(dir.path(), 1 << 20).unwrap();
    let opened = Stream::new("text/html", (16, 1 << 20), folder);
    assert!(matches!(opened, Err(PullError::NoStream(kind)) if kind == "text/html"));
}
