namespace StreamLearn.Formats;

/// <summary>Settings of <c>FromLines</c>.</summary>
public sealed record LineOptions
{
    /// <summary>Maximum number of rows in a batch, 1 to 65,536; default 1,024.</summary>
    public int BatchRows { get; init; } = 1024;

    /// <summary>The longest wait for a batch to fill, 1 ms to a minute; default 50 ms.</summary>
    public TimeSpan Gather { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Maximum size of a line in bytes, 64 to 2^24; default 64 KiB. Longer lines are dropped.</summary>
    public int MaxLineBytes { get; init; } = 1 << 16;

    /// <summary>True: exit code 0 ends the rows; a failed program is restarted. Default false: a program is always restarted.</summary>
    public bool EndsWithProgram { get; init; }

    /// <summary>Receives messages, from other threads: that the origin ended or resumed, and lines of standard error. Default: they are
    /// ignored.</summary>
    public Action<string> Say { get; init; } = static _ => { };

    /// <summary>Receives each unreadable line; default: lines are ignored.</summary>
    public Action<RefusedRow> OnRefused { get; init; } = static _ => { };

    internal LineOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchRows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchRows, 65536);
        ArgumentOutOfRangeException.ThrowIfLessThan(Gather, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Gather, TimeSpan.FromMinutes(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxLineBytes, 64);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxLineBytes, 1 << 24);
        return this;
    }
}

internal sealed record LineBlock(LineOrigin Origin, string Settings) : IBlockOptions
{
    public bool IsLive => true;

    public override string ToString() => $"{Origin}, {Settings}";
}
