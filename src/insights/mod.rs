//! What officials see: sales by day, commune, product set and producer.
