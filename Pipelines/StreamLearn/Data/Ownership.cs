namespace StreamLearn;

/// <summary>Tracks whether a block or the host owns a batch, so that a second transfer fails in the block that makes it.</summary>
/// <remarks>Messages of other types are not tracked.</remarks>
internal static class Ownership
{
    /// <summary><paramref name="from"/>: the block that transfers it to the host; null for the program or a source.</summary>
    /// <exception cref="ObjectDisposedException">The handle was already passed on or disposed.</exception>
    internal static void PassOn(object? value, Ports? from = null)
    {
        if (value is null) { throw new InvalidOperationException("expected a message, got null"); }
        BatchOf(value)?.PassOn(from);
    }

    /// <summary><paramref name="to"/>: the block that receives it; null for the first reader.</summary>
    internal static void HandOver(object? value, Ports? to = null) => BatchOf(value)?.HandOver(to);

    internal static void End(object? value)
    {
        HandOver(value);
        (value as IDisposable)?.Dispose();
    }

    /// <summary>Disposes the input of a call that threw, if the call still owns it. Custom messages are always disposed, because
    /// <see cref="IOwned"/> allows disposing twice.</summary>
    internal static void TakeBack(object? value, Ports from)
    {
        if (BatchOf(value) is { } batch) { batch.TakeBack(from); }
        else { (value as IOwned)?.Dispose(); }
    }

    /// <summary>Disposes a message given to program code that threw, unless already disposed.</summary>
    internal static void TakeBack(object? value)
    {
        if (BatchOf(value) is { } batch) { batch.TryClose(); }
        else { (value as IOwned)?.Dispose(); }
    }

    private static Batch? BatchOf(object? value) => value as Batch ?? (value as DeadLetter)?.Item as Batch;
}
