//! Load on a server: requests over kept connections on loopback, as many clients as asked for. Closed: each client asks again
//! when it has its answer. Open: requests are due at fixed moments whatever the server does, and a request's time counts
//! from the moment it was due, so a server that stalls cannot hide the requests that waited.

use anyhow::{Context, Result, bail};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::{
        Barrier, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

const ANSWER_MAX: Duration = Duration::from_secs(30);

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// Method.
    pub method: &'static str,
    /// Path with its query.
    pub path: String,
    /// Bearer token.
    pub token: String,
    /// Body; empty: none.
    pub body: String,
    /// Media type of the body; empty: JSON.
    pub media: &'static str,
}

impl Ask {
    /// A page.
    pub fn get(path: impl Into<String>, token: &str) -> Ask {
        Ask { method: "GET", path: path.into(), token: token.to_owned(), ..Ask::default() }
    }
    /// A command.
    pub fn post(path: impl Into<String>, token: &str, body: String) -> Ask {
        Ask { method: "POST", path: path.into(), token: token.to_owned(), body, media: "" }
    }
    /// Many rows.
    pub fn csv(path: impl Into<String>, token: &str, body: String) -> Ask {
        Ask { media: "text/csv", ..Ask::post(path, token, body) }
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Body.
    pub body: String,
}

/// A connection that is kept.
pub struct Client {
    address: String,
    connection: Option<BufReader<TcpStream>>,
}

impl Client {
    /// A client of a server (`127.0.0.1:8080`).
    pub fn new(address: &str) -> Client {
        Client { address: address.to_owned(), connection: None }
    }

    /// Asks, and reads the answer to its last byte. A kept connection that the server has closed is opened again once.
    pub fn ask(&mut self, ask: &Ask) -> Result<Answer> {
        let kept = self.connection.is_some();
        match self.try_ask(ask) {
            Err(_) if kept => {
                self.connection = None;
                self.try_ask(ask)
            }
            answer => answer,
        }
    }

    fn try_ask(&mut self, ask: &Ask) -> Result<Answer> {
        if self.connection.is_none() {
            let stream = TcpStream::connect(&self.address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(ANSWER_MAX))?;
            self.connection = Some(BufReader::with_capacity(64 << 10, stream));
        }
        let connection = self.connection.as_mut().context("a connection")?;
        let mut head = format!("{} {} HTTP/1.1\r\nhost: {}\r\n", ask.method, ask.path, self.address);
        if !ask.token.is_empty() {
            head.push_str(&format!("authorization: Bearer {}\r\n", ask.token));
        }
        if ask.body.is_empty() {
            head.push_str("\r\n");
        } else {
            let media = if ask.media.is_empty() { "application/json" } else { ask.media };
            let length = ask.body.len();
            head.push_str(&format!("content-type: {media}\r\ncontent-length: {length}\r\n\r\n{}", ask.body));
        }
        let answer = connection
            .get_mut()
            .write_all(head.as_bytes())
            .map_err(anyhow::Error::from)
            .and_then(|()| read(connection));
        if answer.is_err() {
            self.connection = None;
        }
        answer
    }
}

fn read(connection: &mut BufReader<TcpStream>) -> Result<Answer> {
    let mut line = String::new();
    connection.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|word| word.parse().ok()).context("no status in the answer")?;
    let (mut length, mut chunked) = (0, false);
    loop {
        line.clear();
        connection.read_line(&mut line)?;
        let header = line.trim_end().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().context("content-length")?;
        }
        chunked |= header == "transfer-encoding: chunked";
    }
    let mut body = Vec::new();
    loop {
        if chunked {
            line.clear();
            connection.read_line(&mut line)?;
            length = usize::from_str_radix(line.trim(), 16).context("length of a chunk")?;
        }
        let from = body.len();
        body.resize(from + length, 0);
        connection.read_exact(&mut body[from..])?;
        if chunked {
            line.clear();
            connection.read_line(&mut line)?;
        }
        if !chunked || length == 0 {
            break;
        }
    }
    Ok(Answer { status, body: String::from_utf8_lossy(&body).into_owned() })
}

/// Times of one kind of request, in milliseconds, and how many were not answered as they should be.
#[derive(Clone, Debug, Default)]
pub struct Times {
    /// Of those answered well.
    pub ms: Vec<f64>,
    /// Answers that were refusals by rule: a bed that somebody else has.
    pub refused: usize,
    /// Everything else.
    pub failed: usize,
    /// The first failure in words.
    pub failure: Option<String>,
}

impl Times {
    /// Adds others.
    pub fn add(&mut self, other: Times) {
        self.ms.extend(other.ms);
        self.refused += other.refused;
        self.failed += other.failed;
        self.failure = self.failure.take().or(other.failure);
    }

    /// Notes an answer and its time.
    pub fn note(&mut self, answer: Result<Answer>, ms: f64) {
        match answer {
            Ok(answer) if (200..300).contains(&answer.status) => self.ms.push(ms),
            Ok(answer) if answer.status == 409 => {
                self.refused += 1;
                self.ms.push(ms);
            }
            Ok(answer) => {
                self.fail(format!("{}: {}", answer.status, answer.body.chars().take(200).collect::<String>()))
            }
            Err(error) => self.fail(format!("{error:#}")),
        }
    }

    fn fail(&mut self, words: String) {
        self.failed += 1;
        self.failure.get_or_insert(words);
    }

    /// The value that this percentage of them does not exceed.
    pub fn percentile(&self, percent: f64) -> f64 {
        let mut sorted = self.ms.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).copied().unwrap_or(f64::NAN)
    }
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

/// Each client asks again when it has its answer; `number` requests in all.
pub fn closed(address: &str, clients: usize, number: usize, ask: impl Fn(usize) -> Ask + Sync) -> Times {
    let next = AtomicUsize::new(0);
    let all = Mutex::new(Times::default());
    thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(|| {
                let (mut client, mut times) = (Client::new(address), Times::default());
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= number {
                        break;
                    }
                    let ask = ask(n);
                    let since = Instant::now();
                    let answer = client.ask(&ask);
                    times.note(answer, ms(since));
                }
                gather(&all, times);
            });
        }
    });
    all.into_inner().unwrap_or_default()
}

/// Requests are due at a rate, whatever the server does. `ask` gives the kind and the request of a number. Seconds that it
/// took, and times by kind.
pub fn open(
    address: &str,
    clients: usize,
    per_second: f64,
    number: usize,
    kinds: usize,
    ask: impl Fn(usize) -> (usize, Ask) + Sync,
) -> (f64, Vec<Times>) {
    let next = AtomicUsize::new(0);
    let all: Vec<Mutex<Times>> = (0..kinds).map(|_| Mutex::default()).collect();
    let begin = Instant::now() + Duration::from_millis(100);
    thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(|| {
                let mut client = Client::new(address);
                let mut times = vec![Times::default(); kinds];
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= number {
                        break;
                    }
                    let (kind, ask) = ask(n);
                    let due = begin + Duration::from_secs_f64(n as f64 / per_second);
                    thread::sleep(due.saturating_duration_since(Instant::now()));
                    let answer = client.ask(&ask);
                    times[kind].note(answer, ms(due));
                }
                for (kind, times) in times.into_iter().enumerate() {
                    gather(&all[kind], times);
                }
            });
        }
    });
    (begin.elapsed().as_secs_f64(), all.into_iter().map(|times| times.into_inner().unwrap_or_default()).collect())
}

/// As many clients as there are requests, all at the same moment. The answers by number.
pub fn at_once(address: &str, asks: &[Ask]) -> Result<(Times, Vec<u16>)> {
    const STACK_BYTES: usize = 256 << 10;
    let start = Barrier::new(asks.len());
    let all = Mutex::new((Times::default(), vec![0; asks.len()]));
    thread::scope(|scope| -> Result<()> {
        for (n, ask) in asks.iter().enumerate() {
            let (start, all) = (&start, &all);
            let run = move || {
                start.wait();
                let since = Instant::now();
                let answer = Client::new(address).ask(ask);
                let ms = ms(since);
                if let Ok(mut all) = all.lock() {
                    all.1[n] = answer.as_ref().map_or(0, |answer| answer.status);
                    all.0.note(answer, ms);
                }
            };
            thread::Builder::new()
                .stack_size(STACK_BYTES)
                .spawn_scoped(scope, run)
                .context("too many clients for this machine")?;
        }
        Ok(())
    })?;
    match all.into_inner() {
        Ok(all) => Ok(all),
        Err(_) => bail!("a client broke off"),
    }
}

fn gather(all: &Mutex<Times>, times: Times) {
    if let Ok(mut all) = all.lock() {
        all.add(times);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn percentiles_are_of_the_values_that_were_measured() {
        let times = Times { ms: (1..=200).map(f64::from).collect(), ..Times::default() };
        assert_eq!((times.percentile(50.0), times.percentile(95.0), times.percentile(99.0)), (100.0, 190.0, 198.0));
        assert!(Times::default().percentile(50.0).is_nan());
    }

    #[test]
    fn answers_are_read_whole_whether_counted_or_in_chunks_and_a_stall_is_charged_to_those_who_wait() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut stream = BufReader::new(stream);
            for n in 0.. {
                let mut line = String::new();
                while line != "\r\n" {
                    line.clear();
                    if stream.read_line(&mut line).unwrap_or(0) == 0 {
                        return;
                    }
                }
                if n == 2 {
                    thread::sleep(Duration::from_millis(300));
                }
                let answer: &[u8] = match n {
                    0 => b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
                    _ => b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
                };
                stream.get_mut().write_all(answer).unwrap();
            }
        });
        let mut client = Client::new(&address);
        assert_eq!(client.ask(&Ask::get("/", "")).unwrap().body, "abcde");
        assert_eq!(client.ask(&Ask::get("/", "")).unwrap().body, "ok");
        let connection = Mutex::new(client);
        // one client at 100 a second: all that were due during the stall count it
        let begin = Instant::now();
        let waited: Vec<f64> = (0..5)
            .map(|n| {
                let due = begin + Duration::from_millis(n * 10);
                thread::sleep(due.saturating_duration_since(Instant::now()));
                connection.lock().unwrap().ask(&Ask::get("/", "")).unwrap();
                ms(due)
            })
            .collect();
        assert!(waited.iter().all(|ms| *ms > 200.0), "{waited:?}");
    }
}
