namespace StreamLearn.Fleets;

/// <summary>How many devices a round usually has. A larger round raises the number at once, by a quarter; smaller ones lower it by their
/// share. Those left are the fleet once they have sent the number of updates that all had in up to half of <see cref="Most"/> rounds; one
/// alone never is, because its rows are not the fleet's.</summary>
internal sealed class UsualDevices
{
    /// <summary>Share of the usual devices from which none counts as gone.</summary>
    internal const double Whole = 0.9;

    private const double Rise = 0.25;
    private const double Most = 100;

    private Mean _mean;

    internal void State(ref StateStream s)
    {
        var isEarlier = s.Format == ServerState.BeforeLeftOut;        // saved a sum and a number of rounds
        var usual = s.Value(_mean.Usual);
        var rounds = isEarlier ? s.Count(0) : s.Value(_mean.Rounds);
        _mean = isEarlier ? new(usual / Math.Max(1, rounds), Math.Min(rounds, Most))
            : new(usual, rounds) { Fewer = s.Value(_mean.Fewer), Left = s.Value(_mean.Left) };
    }

    internal void Lower() => _mean = _mean with { Usual = Math.Max(1, _mean.Usual - 1) };

    /// <summary>Returns the share of the usual devices, at most 1, before the round is counted.</summary>
    internal double ShareOf(double devices)
    {
        var share = _mean.Rounds == 0 ? 1 : Math.Min(1, devices / _mean.Usual);
        _mean = _mean.After(devices);
        return share;
    }

    /// <summary>A mean over <paramref name="Rounds"/>, where a smaller round counts by its share of the devices.</summary>
    internal readonly record struct Mean(double Usual, double Rounds)
    {
        /// <summary>Rounds since the last whole one.</summary>
        internal double Fewer { get; init; }

        /// <summary>Sum of their devices.</summary>
        internal double Left { get; init; }

        internal Mean After(double devices)
        {
            if (Rounds == 0) { return new(devices, 1); }
            if (devices >= Usual) { return new(Usual + (Rise * (Math.Min(devices, 2 * Usual) - Usual)), Math.Min(Rounds + 1, Most)); }
            var part = devices / Usual * Math.Clamp(devices - 1, 0, 1);
            var lower = new Mean(Usual - ((Usual - devices) * part / (Rounds + part)), Math.Min(Rounds + part, Most));
            if (devices >= Whole * Usual) { return lower; }
            var (fewer, left) = (Fewer + part, Left + (part * devices));
            return 2 * fewer < lower.Rounds ? lower with { Fewer = fewer, Left = left } : new(left / fewer, fewer);
        }
    }
}
