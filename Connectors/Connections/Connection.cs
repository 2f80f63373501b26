using System.Net.Sockets;

namespace StreamLearn.Connections;

/// <summary>An open connection. <paramref name="Stream"/>: its bytes. <paramref name="Socket"/>: set: a thread is reserved that reads it
/// and nothing else; bytes are received from the socket itself.</summary>
internal sealed record Connection(Stream Stream, Socket? Socket = null, ReadThreads? Threads = null) : IAsyncDisposable
{
    /// <summary>Waits until something has come, and receives it; before its thread reads, the same without the runtime's socket engine.
    /// <paramref name="cancellationToken"/>: gives up waiting; the connection is of no use after that.</summary>
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
