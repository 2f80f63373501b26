using System.Net.Sockets;

namespace StreamLearn.Connections;

/// <summary><paramref name="Socket"/>: set if a reserved thread reads directly from the socket.</summary>
internal sealed record Connection(Stream Stream, Socket? Socket = null, ReadThreads? Threads = null) : IAsyncDisposable
{
    /// <summary>After cancellation, the connection is unusable.</summary>
    internal async ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken cancellationToken)
    {
        if (Socket is null) { return await Stream.ReadAsync(into, cancellationToken).ConfigureAwait(false); }
        var count = 0;
        try
        {
            using (cancellationToken.UnsafeRegister(static stream => ((Stream)stream!).Dispose(), Stream))
            {
                await ReadThreads.Run(() => count = ReadThreads.Receive(Socket, into.Span)).ConfigureAwait(false);
            }

            return count;
        }
        catch (Exception e) when (Dialer.IsNetwork(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync().ConfigureAwait(false);
        Threads?.GiveBack();
    }
}
