pub struct Providers;
