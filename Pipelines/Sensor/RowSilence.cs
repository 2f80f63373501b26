namespace Sensor;

/// <summary>Row activity of a device at one moment. It is silent if no row came for ten times the usual gap, at least 30 s.
/// <paramref name="Since"/>: the last row, or the start.</summary>
internal readonly record struct RowSilence(long Rows, TimeSpan Since)
{
    private const int Times = 10;
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(30);

    internal bool HasCome { get; private init; }

    internal bool IsSilent { get; init; }

    /// <summary>Gaps between checks that found new rows; silences are excluded.</summary>
    private (TimeSpan Sum, int Count) Gaps { get; init; }

    internal TimeSpan Patience =>
        Gaps.Count > 0 && Times * Gaps.Sum / Gaps.Count is var usual && usual > Least ? usual : Least;

    /// <summary><paramref name="now"/>: time of a monotonic clock.</summary>
    internal RowSilence After(long rows, TimeSpan now) => rows == Rows
        ? this with { IsSilent = IsSilent || now - Since >= Patience }
        : this with
        {
            Rows = rows,
            Since = now,
            HasCome = true,
            IsSilent = false,
            Gaps = HasCome && !IsSilent ? (Gaps.Sum + (now - Since), Gaps.Count + 1) : Gaps,
        };
}
