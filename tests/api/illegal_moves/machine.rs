//! The snapshot of a machine, as `status --event--> next by party, party`.

pub struct Machine {
    moves: Vec<Move>,
}

struct Move {
    status: String,
    event: String,
    next: String,
    by: Vec<String>,
}

impl Machine {
    pub fn read(text: &str) -> Machine {
        let moves: Vec<Move> = text.lines().map(read).collect();
        assert!(!moves.is_empty());
        Machine { moves }
    }

    /// Every status, also those that nothing leads out of.
    pub fn statuses(&self) -> Vec<String> {
        let mut statuses: Vec<String> = Vec::new();
        for status in self.moves.iter().flat_map(|one| [&one.status, &one.next]) {
            if !statuses.contains(status) {
                statuses.push(status.clone());
            }
        }
        statuses
    }

    /// What one party may do in a status, in the order of the program.
    pub fn offers(&self, status: &str, party: &str) -> Vec<String> {
        let may = |one: &&Move| one.status == status && one.by.iter().any(|by| by == party);
        self.moves.iter().filter(may).map(|one| one.event.clone()).collect()
    }

    /// Where a status leads.
    pub fn next_of(&self, status: &str) -> Vec<String> {
        self.moves.iter().filter(|one| one.status == status).map(|one| one.next.clone()).collect()
    }

    /// Where this event leads from a status, whoever causes it.
    pub fn after(&self, status: &str, event: &str) -> Option<&str> {
        let leads = |one: &&Move| one.status == status && one.event == event;
        self.moves.iter().find(leads).map(|one| one.next.as_str())
    }

    pub fn events_of(&self, party: &str) -> Vec<String> {
        let may = |one: &&Move| one.by.iter().any(|by| by == party);
        self.moves.iter().filter(may).map(|one| one.event.clone()).collect()
    }
}

fn read(line: &str) -> Move {
    let (status, rest) = line.split_once(" --").expect("a status");
    let (event, rest) = rest.split_once("--> ").expect("an event");
    let (next, by) = rest.split_once(" by ").expect("a party");
    let by = by.split(", ").map(str::to_owned).collect();
    Move { status: status.to_owned(), event: event.to_owned(), next: next.to_owned(), by }
}
