namespace StreamLearn;

/// <summary>Whose a message with counted memory is: a block's, or the host's between two blocks. A batch that is passed on twice fails the
/// call that does it, not the block that got it.</summary>
/// <remarks>Messages of other types are not followed; their memory is their own affair.</remarks>
internal static class Ownership
{
    /// <summary>Takes a message from its owner. <paramref name="from"/>: the block that passes it on; null: the program, or a
    /// source.</summary>
    /// <exception cref="ObjectDisposedException">The owner has passed it on or disposed it before.</exception>
    internal static void PassOn(object? value, Ports? from = null)
    {
        if (value is null) { throw new InvalidOperationException("expected a message, got null"); }
        BatchOf(value)?.PassOn(from);
    }

    /// <summary>Gives a message of the host's to an owner. <paramref name="to"/>: the block; null: whoever reads it first.</summary>
    internal static void HandOver(object? value, Ports? to = null) => BatchOf(value)?.HandOver(to);

    /// <summary>Ends a message that is the host's.</summary>
    internal static void End(object? value)
    {
        HandOver(value);
        (value as IDisposable)?.Dispose();
    }

    /// <summary>Ends the input of a call that threw, if it is still the caller's: the call may have ended it, or passed it on. A message of
    /// the program's own is disposed in any case: <see cref="IOwned"/> asks of it that it may be.</summary>
    internal static void TakeBack(object? value, Ports from)
    {
        if (BatchOf(value) is { } batch) { batch.TakeBack(from); }
        else { (value as IOwned)?.Dispose(); }
    }

    /// <summary>Ends a message that the host gave to code of the program's which threw, if it has not ended it.</summary>
    internal static void TakeBack(object? value)
    {
        if (BatchOf(value) is { } batch) { batch.TryClose(); }
        else { (value as IOwned)?.Dispose(); }
    }

    private static Batch? BatchOf(object? value) => value as Batch ?? (value as DeadLetter)?.Item as Batch;
}
