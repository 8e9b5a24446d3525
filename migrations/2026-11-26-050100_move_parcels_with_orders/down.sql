drop view invariant_parcels_by_hand;
