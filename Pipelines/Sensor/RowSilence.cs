namespace Sensor;

/// <summary>How the rows of a device come: what was seen of it at one moment. A device is silent when no row has come for ten times as long
/// as usual, and for 30 s at least. <paramref name="Since"/>: when the last of them came; before the first, when the device
/// began.</summary>
internal readonly record struct RowSilence(long Rows, TimeSpan Since)
{
    private const int Times = 10;
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(30);

    /// <summary>True if a row has come.</summary>
    internal bool HasCome { get; private init; }

    /// <summary>True while none has come for long.</summary>
    internal bool IsSilent { get; init; }

    /// <summary>Times in between two looks at which rows had come, all together; those of a silence are not usual.</summary>
    private (TimeSpan Sum, int Count) Gaps { get; init; }

    /// <summary>After this time without a row it is silent.</summary>
    internal TimeSpan Patience =>
        Gaps.Count > 0 && Times * Gaps.Sum / Gaps.Count is var usual && usual > Least ? usual : Least;

    /// <summary>What is seen at the next look. <paramref name="now"/>: when that is, on a clock that never goes back.</summary>
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
