namespace StreamLearn;

/// <summary>What a full edge does with a message.</summary>
public enum OnFull
{
    /// <summary>The sender waits (default).</summary>
    Wait,

    /// <summary>Drops the oldest message and counts it as <c>drop-oldest</c>.</summary>
    DropOldest,

    /// <summary>Drops the new message and counts it as <c>drop-newest</c>.</summary>
    DropNewest,

    /// <summary>Queues only the newest message; replaced messages are counted as <c>replaced</c>.</summary>
    KeepLatest,

    /// <summary>Queues at most one message and merges new ones into it.</summary>
    Coalesce,
}

/// <summary>The limits of an edge, and its policy when it is full.</summary>
public sealed record EdgeOptions
{
    /// <summary>Maximum messages queued, at least 1; default 64.</summary>
    public int CapacityMessages { get; init; } = 64;

    internal const long DefaultBytes = 8 << 20;

    /// <summary>Maximum bytes queued, at least 1. Default 8 MiB, or four messages of a block that declares their size
    /// (<see cref="IBlockOptions.MessageBytes"/>). A single larger message fails a waiting edge; other edges drop it as
    /// <c>oversized</c>.</summary>
    public long CapacityBytes { get; init; } = DefaultBytes;

    /// <summary>The policy when full; default wait.</summary>
    public OnFull OnFull { get; init; }

    internal Func<object, object, object>? Merge { get; init; }

    /// <summary>The host owns the result.</summary>
    internal object Merged(object queued, object added)
    {
        Ownership.HandOver(queued);
        Ownership.HandOver(added);
        var merged = Merge!(queued, added);
        Ownership.PassOn(merged);
        return merged;
    }

    internal EdgeOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(CapacityMessages, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(CapacityBytes, 1);
        EnumCheck.ThrowIfUndefined(OnFull);
        return OnFull == OnFull.Coalesce && Merge is null
            ? throw new ArgumentException("coalescing needs a merge function: use Coalesce on the flow", nameof(OnFull))
            : this;
    }

    /// <inheritdoc />
    public override string ToString() => OnFull switch
    {
        OnFull.Wait => $"wait, {CapacityMessages} messages, {Sizes.Text(CapacityBytes)}",
        OnFull.DropOldest => $"drop-oldest, {CapacityMessages} messages, {Sizes.Text(CapacityBytes)}",
        OnFull.DropNewest => $"drop-newest, {CapacityMessages} messages, {Sizes.Text(CapacityBytes)}",
        OnFull.KeepLatest => $"keep-latest, {Sizes.Text(CapacityBytes)}",
        _ => $"coalesce, {Sizes.Text(CapacityBytes)}",
    };
}
