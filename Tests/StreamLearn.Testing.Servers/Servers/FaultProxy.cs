using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace StreamLearn.Testing;

/// <summary>A direction through a <see cref="FaultProxy"/>.</summary>
public enum Direction
{
    /// <summary>From the client to the server.</summary>
    Up,

    /// <summary>From the server to the client.</summary>
    Down,
}

/// <summary>What a <see cref="FaultProxy"/> does to the bytes of one direction. A value of no faults passes them on.</summary>
public sealed record Fault
{
    /// <summary>No fault.</summary>
    public static Fault None { get; } = new();

    /// <summary>How much later bytes come out, however many are on the way. Default 0.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Bytes that come out in a second at most; null, the default: as many as come.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>True: each byte is written by itself. Default false.</summary>
    public bool Split { get; init; }

    /// <summary>The connection is cut after this many bytes of it; null, the default: never.</summary>
    public long? CutAfter { get; init; }

    /// <summary>True: bytes are taken, and lost. In one direction: half-open. Default false.</summary>
    public bool Swallow { get; init; }

    /// <summary>True: bytes come no further, and from the next read on are not even taken, so that the sender's buffers fill. Default
    /// false.</summary>
    public bool Stall { get; init; }

    /// <summary>The bits of this byte of a connection are turned over, counted from 0; null, the default: none.</summary>
    public long? Corrupt { get; init; }
}

/// <summary>
/// A TCP proxy on a free port of the loopback interface that harms what goes through it. Faults can be changed at any time, and then
/// hold for open connections, too.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private const int MaxOnTheWay = 256;       // reads

    private readonly int _target;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private readonly List<Socket> _open = [];
    private readonly Fault[] _faults = [Fault.None, Fault.None];
    private readonly long[] _bytes = new long[2];
    private readonly long[] _passed = new long[2];
    private readonly Task _accepting;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _refuses;
    private int _connections;

    /// <summary>Opens the port.</summary>
    public FaultProxy(int target)
    {
        _target = target;
        Port = LoopbackPort.Take();
        _listener = new(IPAddress.Loopback, Port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Its own port.</summary>
    public int Port { get; }

    /// <summary>Where it is, for a client of MQTT without TLS.</summary>
    public Uri Uri => new($"mqtt://127.0.0.1:{Port}");

    /// <summary>Connections that clients opened so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>True: connections are closed as soon as they are opened. Default false.</summary>
    public bool Refuses
    {
        get => _refuses;
        set => _refuses = value;
    }

    /// <summary>Bytes that came in so far.</summary>
    public long Bytes(Direction direction) => Interlocked.Read(ref _bytes[(int)direction]);

    /// <summary>Bytes that went out so far.</summary>
    public long Passed(Direction direction) => Interlocked.Read(ref _passed[(int)direction]);

    /// <summary>Sets what happens to bytes that come from now on.</summary>
    public void Set(Direction direction, Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        TaskCompletionSource changed;
        lock (_lock)
        {
            _faults[(int)direction] = fault;
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    /// <summary>Resets every open connection.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            foreach (var socket in _open) { socket.Close(0); }      // a reset, not an orderly end
            _open.Clear();
        }
    }

    /// <summary>Resets every connection, and closes the port.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_end.Token);
                Interlocked.Increment(ref _connections);
                if (_refuses) { client.Close(0); }
                else { running.Add(PassAsync(client)); }
                running.RemoveAll(t => t.IsCompleted);
            }
        }
        catch (Exception) when (_end.IsCancellationRequested)       // a listener that stopped between two calls says "Not listening"
        {
            await Task.WhenAll(running);
        }
    }

    private async Task PassAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        lock (_lock) { _open.AddRange([client, server]); }
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target, _end.Token);
            await Task.WhenAll(PumpAsync(client, server, Direction.Up), PumpAsync(server, client, Direction.Down));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // one end is gone: so is the other
        }
        finally
        {
            lock (_lock)
            {
                _open.Remove(client);
                _open.Remove(server);
            }

            client.Close(0);
        }
    }

    private async Task PumpAsync(Socket from, Socket to, Direction direction)
    {
        try
        {
            await PassOnAsync(from, to, direction);
        }
        catch
        {
            from.Close(0);          // a reset at one end is one at the other
            to.Close(0);
            throw;
        }
    }

    private async Task PassOnAsync(Socket from, Socket to, Direction direction)
    {
        // so few that a server which reads nothing more fills its sender's buffers
        var line = Channel.CreateBounded<Chunk>(MaxOnTheWay);
        var (reading, sending) = (ReadAsync(from, line.Writer, direction), SendAsync(line.Reader, to, direction));
        if (await Task.WhenAny(reading, sending) == reading) { await reading; }
        line.Writer.TryComplete();
        if (await sending) { to.Shutdown(SocketShutdown.Send); }
        else
        {
            from.Close(0);
            to.Close(0);
        }
    }

    private async Task ReadAsync(Socket from, ChannelWriter<Chunk> line, Direction direction)
    {
        var buffer = new byte[16 * 1024];
        var passed = 0L;
        while (true)
        {
            await WhileStalledAsync(direction);
            var read = await from.ReceiveAsync(buffer, _end.Token);
            if (read == 0) { return; }
            Interlocked.Add(ref _bytes[(int)direction], read);
            await WhileStalledAsync(direction);             // set while this waited for bytes
            var fault = FaultOf(direction);
            if (fault.Corrupt - passed is { } place && place >= 0 && place < read) { buffer[place] ^= 0xFF; }
            var length = (int)Math.Clamp((fault.CutAfter ?? long.MaxValue) - passed, 0, read);
            var due = TimeProvider.System.GetUtcNow() + fault.Delay;
            await line.WriteAsync(new(fault.Swallow ? [] : buffer[..length], due, fault.Split, IsCut: length < read), _end.Token);
            passed += read;
            if (length < read) { return; }
        }
    }

    /// <summary>Sends what is on the way, each part when it is due.</summary>
    private async Task<bool> SendAsync(ChannelReader<Chunk> line, Socket to, Direction direction)
    {
        await foreach (var chunk in line.ReadAllAsync(_end.Token))
        {
            var left = chunk.Due - TimeProvider.System.GetUtcNow();
            if (left > TimeSpan.Zero) { await Task.Delay(left, TimeProvider.System, _end.Token); }
            var step = chunk.Split ? 1 : Math.Max(1, chunk.Bytes.Length);
            for (var at = 0; at < chunk.Bytes.Length; at += step)
            {
                for (var rest = chunk.Bytes.AsMemory(at, step); rest.Length > 0;)
                {
                    rest = rest[await to.SendAsync(rest, _end.Token)..];
                }

                if (chunk.Split) { await Task.Yield(); }          // lets the receiver see it alone
            }

            Interlocked.Add(ref _passed[(int)direction], chunk.Bytes.Length);
            if (FaultOf(direction).BytesPerSecond is { } rate)
            {
                await Task.Delay(TimeSpan.FromSeconds((double)chunk.Bytes.Length / rate), TimeProvider.System, _end.Token);
            }

            if (chunk.IsCut) { return false; }
        }

        return true;
    }

    private async Task WhileStalledAsync(Direction direction)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (!_faults[(int)direction].Stall) { return; }
                changed = _changed.Task;
            }

            await changed.WaitAsync(_end.Token);
        }
    }

    private Fault FaultOf(Direction direction)
    {
        lock (_lock) { return _faults[(int)direction]; }
    }

    /// <summary>Bytes on the way.</summary>
    private readonly record struct Chunk(byte[] Bytes, DateTimeOffset Due, bool Split, bool IsCut);
}
