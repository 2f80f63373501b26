namespace StreamLearn.Fleets;

internal static class ShareOfRound
{
    /// <summary>With three or more devices, also limits the share of a dominant device. <paramref name="held"/>: in device order.
    /// <paramref name="share"/>: one half to 1.</summary>
    internal static void Limit(Span<HeldUpdate> held, double most, double share)
    {
        double total = 0;
        foreach (ref var update in held)
        {
            if (update.Weight > most) { update = Cut(update, most / update.Weight); }
            total += update.Weight;
        }

        if (share >= 1 || Heaviest(held, out var from, out var count) is not (var weight, >= Fleet.EnoughDevices)) { return; }
        var allowed = (total - weight) * share / (1 - share);
        if (weight <= allowed) { return; }
        foreach (ref var update in held.Slice(from, count)) { update = Cut(update, allowed / weight); }
    }

    /// <summary>Returns the device with the most updates if it has more than the others on average; needs three devices.
    /// <paramref name="held"/>: in device order.</summary>
    internal static string? Crowding(ReadOnlySpan<HeldUpdate> held, out int most)
    {
        var (device, count, devices) = ("", 0, 0);
        for (var at = 0; at < held.Length; devices++)
        {
            var end = EndOf(held, at);
            if (end - at > count) { (device, count) = (held[at].Update.Device, end - at); }
            at = end;
        }

        most = devices < 2 ? held.Length : (held.Length - count + devices - 2) / (devices - 1);
        return devices >= Fleet.EnoughDevices && count > most ? device : null;
    }

    private static (double Weight, int Devices) Heaviest(ReadOnlySpan<HeldUpdate> held, out int from, out int count)
    {
        var (heaviest, devices) = (-1.0, 0);
        (from, count) = (0, 0);
        for (var at = 0; at < held.Length; devices++)
        {
            var end = EndOf(held, at);
            double weight = 0;
            foreach (ref readonly var update in held[at..end]) { weight += update.Weight; }
            if (weight > heaviest) { (heaviest, from, count) = (weight, at, end - at); }
            at = end;
        }

        return (heaviest, devices);
    }

    private static int EndOf(ReadOnlySpan<HeldUpdate> held, int at)
    {
        var end = at + 1;
        while (end < held.Length && held[end].Update.Device == held[at].Update.Device) { end++; }
        return end;
    }

    private static HeldUpdate Cut(in HeldUpdate update, double factor) =>
        update with { Weight = (float)(update.Weight * factor), IsCapped = true };
}
