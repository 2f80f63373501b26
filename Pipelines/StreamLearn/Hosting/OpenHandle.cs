namespace StreamLearn;

/// <summary>The handle that a message had before a call, so that it can be closed after the call threw, if the call has not closed
/// it.</summary>
internal readonly struct OpenHandle
{
    private readonly Batch? _batch;
    private readonly int _lifetime;

    private OpenHandle(Batch? batch) => (_batch, _lifetime) = (batch, batch?.Lifetime ?? 0);

    internal static OpenHandle Of(object? value) => new(value as Batch ?? (value as DeadLetter)?.Item as Batch);

    internal void Close() => _batch?.TryClose(_lifetime);
}
