namespace StreamLearn.Tables;

/// <summary>The rates of devices, slowest first; each with the number of devices that have about this one.</summary>
internal sealed record DeviceRates(ImmutableArray<(double Rate, int Devices)> Rates)
{
    private const int MaxShown = 5;
    private const double MinShare = 0.5;        // of the middle device's rate, below which rows are too coarse for the others

    /// <summary>Null: all have the usual one, or there is none.</summary>
    internal static DeviceRates? Of(TimesSeen seen, Func<int, int, string> nameOf)
    {
        var own = seen.Steps.GroupBy(s => nameOf(s.File, s.Device)).Select(static d => 1 / Middle([.. d.Select(static s => s.Seconds)]))
            .Order().ToList();
        if (seen.StepRate is not { } rate || own.TrueForAll(r => PacedRows.IsSame(r, rate)))
        {
            return null;
        }

        var rates = ImmutableArray.CreateBuilder<(double, int)>();
        for (var first = 0; first < own.Count;)
        {
            var count = own.Skip(first).TakeWhile(r => r <= (1 + PacedRows.SameRate) * own[first]).Count();
            rates.Add((Middle(own.GetRange(first, count)), count));
            first += count;
        }

        return new(rates.DrainToImmutable());
    }

    /// <summary>The slowest that is at least half of the middle device's: all devices then have what the windows show.</summary>
    internal double Common
    {
        get
        {
            var (all, before) = (Rates.Sum(static r => r.Devices), 0);
            var middle = Rates.First(r => (before += r.Devices) * 2 >= all).Rate;      // of two, the slower: the other has its rows too
            return Rates.First(r => r.Rate >= MinShare * middle).Rate;
        }
    }

    public override string ToString() => "devices have " + string.Join(", ", Rates.Take(MaxShown).Select(static (r, i) =>
        $"{RateText.Number(r.Rate)} ({r.Devices}{(i > 0 ? "" : r.Devices == 1 ? " device" : " devices")})"))
        + (Rates.Length > MaxShown ? FormattableString.Invariant($" and {Rates.Length - MaxShown} other rates") : "");

    /// <summary>Names devices so slow that each of their steps is a gap at the common rate.</summary>
    internal static IEnumerable<string> Slow(TimesSeen seen, double rate, Func<int, int, string> nameOf)
    {
        var gap = RowFilling.GapRows / rate;
        List<string> lines = [];
        foreach (var device in seen.Steps.GroupBy(s => nameOf(s.File, s.Device)))
        {
            var step = device.Min(static s => s.Seconds);
            if (step <= gap) { continue; }
            lines.Add(PrintableText.Of(FormattableString.Invariant(
                $"rows of {device.Key} come every {step:0.###} s, and more than {gap:0.###} s is a gap at the rate of the others: ")
                + "a window never fills; use a separate configuration for it"));
        }

        return lines.Count <= MaxShown ? lines
            : [.. lines.Take(MaxShown), FormattableString.Invariant($"{lines.Count - MaxShown} more devices have such rows")];
    }

    private static double Middle(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
