namespace StreamLearn.Mqtt;

/// <summary>The bytes that large packets may take while they come in, over all connections.</summary>
internal sealed class ReceiveBudget(long bytes, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private long _left = bytes;

    /// <summary>Takes some, once they are there.</summary>
    internal async ValueTask TakeAsync(int count, CancellationToken cancellationToken)
    {
        while (Interlocked.Add(ref _left, -count) < 0)
        {
            Release(count);
            await Task.Delay(Look, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives some back.</summary>
    internal void Release(long count) => Interlocked.Add(ref _left, count);
}
