namespace StreamLearn.Formats;

/// <summary>Settings of <c>FromLines</c>.</summary>
public sealed record LineOptions
{
    /// <summary>Rows of a batch at most, 1 to 65,536; default 1,024.</summary>
    public int BatchRows { get; init; } = 1024;

    /// <summary>How long rows may wait for others of their batch, 1 ms to a minute; default 50 ms.</summary>
    public TimeSpan Gather { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Bytes of a line at most, 64 to 2^24; default 64 KiB. A longer one is left out.</summary>
    public int MaxLineBytes { get; init; } = 1 << 16;

    /// <summary>True: where a program ends with exit code 0, rows have ended; one that fails is started again. Default false: a program is
    /// started again however it ends.</summary>
    public bool EndsWithProgram { get; init; }

    /// <summary>Takes sentences for people, from other threads: that the origin has ended, that it gives lines again, and lines of a
    /// program's standard error. Default: nobody hears them.</summary>
    public Action<string> Say { get; init; } = static _ => { };

    /// <summary>Called with each line that cannot be read; default: nothing.</summary>
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

/// <summary>What a source of lines prints and compares by: what it reads is there only at that moment.</summary>
internal sealed record LineBlock(LineOrigin Origin, string Settings) : IBlockOptions
{
    public bool IsLive => true;

    public override string ToString() => $"{Origin}, {Settings}";
}
