namespace StreamLearn;

/// <summary>What an edge does with a message when it is full.</summary>
public enum OnFull
{
    /// <summary>The sender waits. The default.</summary>
    Wait,

    /// <summary>The oldest queued message is dropped, counted <c>drop-oldest</c>.</summary>
    DropOldest,

    /// <summary>The new message is dropped, counted <c>drop-newest</c>.</summary>
    DropNewest,

    /// <summary>At most the newest message is queued; each one it replaces is counted <c>replaced</c>.</summary>
    KeepLatest,

    /// <summary>At most one message is queued; a new one is merged into it.</summary>
    Coalesce,
}

/// <summary>The bounds of an edge and what it does when it is full.</summary>
public sealed record EdgeOptions
{
    /// <summary>Messages queued at most, at least 1; default 64.</summary>
    public int CapacityMessages { get; init; } = 64;

    internal const long DefaultBytes = 8 << 20;

    /// <summary>Bytes queued at most, at least 1; default 8 MiB, or four messages of a block that says how large they are
    /// (<see cref="IBlockOptions.MessageBytes"/>), such as large models. A single larger message fails a waiting edge and is dropped as
    /// <c>oversized</c> by the others.</summary>
    public long CapacityBytes { get; init; } = DefaultBytes;

    /// <summary>What happens when it is full; default wait.</summary>
    public OnFull OnFull { get; init; }

    internal Func<object, object, object>? Merge { get; init; }

    /// <summary>Merges two messages of the host's, which owns what comes of them.</summary>
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
