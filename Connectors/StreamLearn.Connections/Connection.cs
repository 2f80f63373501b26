using System.Net.Sockets;

namespace StreamLearn.Connections;

/// <summary>An open connection.</summary>
/// <param name="Stream">Its bytes.</param>
/// <param name="Socket">Set: a thread is reserved that reads it and nothing else; bytes are received from the socket itself.</param>
/// <param name="Threads">Where that thread comes from.</param>
internal sealed record Connection(Stream Stream, Socket? Socket = null, ReadThreads? Threads = null) : IAsyncDisposable
{
    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync().ConfigureAwait(false);
        Threads?.GiveBack();
    }
}
