using System.Net.Sockets;
using System.Text;

namespace StreamLearn.Nats;

/// <summary>One connection: reads, writes and keeps time, until it ends.</summary>
internal sealed class NatsLoop : IAsyncDisposable
{
    private const int Piece = 64 * 1024;            // bytes that a peer has to take within the reply deadline
    private const int MaxUnanswered = 2;            // pings
    private const int MinPart = 1024;               // bytes of an operation that is a sign of life
    private const int Large = 64 * 1024;            // bytes of a read that needs no more to be worth it
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);
    private readonly NatsConnection _connection;
    private readonly NatsOptions _options;
    private readonly NatsHandshake _ready;
    private readonly Action<ServerInfo, NatsServer> _told;
    private readonly ITimer _timer;
    private long _writingSince = -1;
    private long _heard;
    private int _unanswered;
    private int _unheard;
    private bool _isCrowded;        // something was dropped of what came last
    private string? _reason;

    internal NatsLoop(NatsConnection connection, NatsOptions options, NatsHandshake ready, Action<ServerInfo, NatsServer> told)
    {
        (_connection, _options, _ready, _told) = (connection, options, ready, told);
        _heard = connection.Now;
        _timer = connection.Time.CreateTimer(
            static loop => ((NatsLoop)loop!).Tick(), this, options.PingEvery / 2, options.PingEvery / 2);
    }

    /// <summary>True if the server has said that it will end.</summary>
    internal bool IsServerLeaving { get; private set; }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _ready.Link.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Reads and writes until the connection ends.</summary>
    /// <returns>Why it ended.</returns>
    internal async Task<string> RunAsync()
    {
        var writing = WriteAsync();
        using (_connection.Leaving.UnsafeRegister(static loop => ((NatsLoop)loop!)._connection.ToWrite.Raise(), this))
        {
            await ReadAllAsync().ConfigureAwait(false);
        }

        End("the connection was closed");
        _connection.ToWrite.Raise();
        await writing.ConfigureAwait(false);
        return _reason!;
    }

    private async Task ReadAllAsync()
    {
        try
        {
            if (_ready.Link.Socket is { } socket) { await ReadThreads.Run(() => ReadHere(socket)).ConfigureAwait(false); }
            else { await ReadAsync().ConfigureAwait(false); }
        }
        catch (Exception e) when (Dialer.IsNetwork(e))
        {
            End(e is NatsRefusal ? e.Message : $"the connection broke: {Dialer.Cause(e)}");
        }
        finally
        {
            _ready.Buffer.Clear();
        }
    }

    private async Task ReadAsync()
    {
        var count = 0;
        while (Take(count))
        {
            // a reader that has no space gets a moment, in which the server's bytes wait; few enough, or it would cut us off
            if (_isCrowded) { await Task.Delay(Moment, TimeProvider.System).ConfigureAwait(false); }
            count = await _ready.Link.Stream.ReadAsync(_ready.Buffer.Room()).ConfigureAwait(false);
            if (!Came(count)) { return; }
        }
    }

    /// <summary>The same on a thread of its own.</summary>
    private void ReadHere(Socket socket)
    {
        var pace = new ReadPace();
        var (count, filled, start) = (0, true, _connection.Time.GetTimestamp());
        while (true)
        {
            var before = _connection.Counters.Received;
            if (!Take(count)) { return; }
            pace.Read((int)(_connection.Counters.Received - before), filled,
                (long)_connection.Time.GetElapsedTime(start).TotalMicroseconds);
            var wait = Math.Max(pace.Wait, _isCrowded ? Moment.Milliseconds : 0);
            if (wait > 0) { ReadThreads.Wait(socket, wait); }
            var room = _ready.Buffer.Room().Span;
            count = ReadThreads.Receive(socket, room);
            if (!Came(count)) { return; }
            filled = count == room.Length || count >= Large;
        }
    }

    /// <returns>False: nothing comes any more.</returns>
    private bool Came(int count)
    {
        _ready.Buffer.Wrote(count);
        if (count == 0) { End("the server closed the connection"); }
        return count > 0;
    }

    /// <summary>Takes what has come.</summary>
    /// <param name="count">Bytes that are new.</param>
    /// <returns>False: the connection ends.</returns>
    private bool Take(int count)
    {
        var goesOn = true;
        bool writes;
        ServerInfo? told = null;
        lock (_connection.Gate)
        {
            var unread = _ready.Buffer.Unread.Length;
            while (goesOn && _reason is null)
            {
                var state = NatsCutter.Next(_ready.Buffer.Unread, _options.MaxMessageBytes, out var frame, out var consumed, out var fault);
                if (state == NatsFrameState.More) { break; }
                if (state == NatsFrameState.Whole) { goesOn = Take(frame, ref told); }
                else if (fault.IsOfMessage) { _connection.PassOver(frame); }
                else
                {
                    _reason = fault.Text;
                    goesOn = false;
                }

                _ready.Buffer.Consume(consumed);
            }

            Heard(count, _ready.Buffer.Unread.Length < unread);
            _isCrowded = _connection.Deliver();
            writes = _connection.Output.Count > 0;
        }

        if (told is not null) { _told(told, _ready.Server); }
        if (writes) { _connection.ToWrite.RaiseWithoutSpin(); }
        return goesOn && _reason is null;
    }

    /// <summary>A server is alive that sends whole operations, or that goes on with a large one: single bytes are no sign of it.</summary>
    private void Heard(int count, bool isOperation)
    {
        _unheard += count;
        if (!isOperation && _unheard < MinPart) { return; }
        (_unheard, _heard, _unanswered) = (0, _connection.Now, 0);
    }

    private bool Take(in NatsFrame frame, ref ServerInfo? told)
    {
        switch (frame.Operation)
        {
            case NatsOperation.Message:
                _connection.Take(frame);
                return true;
            case NatsOperation.Ping:
                if (_connection.Output.TryRepeat()) { NatsWriter.Pong(_connection.Output); return true; }
                _reason = "expected a server that takes answers";
                return false;
            case NatsOperation.Pong:
                return true;
            case NatsOperation.Info:
                told = NatsHandshake.ReadInfo(frame);
                _connection.Told(told);
                if (!told.LameDuckMode || IsServerLeaving) { return true; }
                IsServerLeaving = true;
                if (told.ConnectUrls.Length == 0) { return true; }
                _reason = "the server said that it will end";
                return false;
            case NatsOperation.Error:
                return Take(Encoding.UTF8.GetString(frame.Text));
            default:
                return true;
        }
    }

    /// <summary>Takes an error: the server closes after most of them. Of those after which it does not, a subject is at fault.</summary>
    private bool Take(string error)
    {
        _connection.Counters.LastFault = error;
        if (error.Contains("slow consumer", StringComparison.OrdinalIgnoreCase)) { _connection.Counters.SlowConsumer++; }
        if (NatsViolation.TryRead(error, out var violation))
        {
            _connection.Take(violation);
            return true;
        }

        if (error.StartsWith("permissions violation", StringComparison.OrdinalIgnoreCase)
            || error.StartsWith("invalid subject", StringComparison.OrdinalIgnoreCase)) { return true; }
        _reason = error;
        return false;
    }

    private async Task WriteAsync()
    {
        try
        {
            while (true)
            {
                await _connection.ToWrite.WaitAsync().ConfigureAwait(false);
                while (true)
                {
                    ReadOnlyMemory<byte> bytes;
                    lock (_connection.Gate)
                    {
                        if (_reason is not null) { return; }
                        bytes = _connection.Output.Take();
                        _connection.LetGoOn();
                    }

                    if (bytes.IsEmpty) { break; }
                    await WriteAsync(bytes).ConfigureAwait(false);
                }

                if (!_connection.Leaving.IsCancellationRequested) { continue; }
                End("the connection has been disposed");
                if (_ready.Link.Stream is NetworkStream { Socket.Connected: true } plain) { plain.Socket.Shutdown(SocketShutdown.Both); }
                else { await _ready.Link.Stream.DisposeAsync().ConfigureAwait(false); }
                return;
            }
        }
        catch (Exception e) when (Dialer.IsNetwork(e))
        {
            End($"the connection broke: {Dialer.Cause(e)}");
            await _ready.Link.Stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        for (; bytes.Length > 0; bytes = bytes[Math.Min(bytes.Length, Piece)..])
        {
            var piece = bytes[..Math.Min(bytes.Length, Piece)];
            Volatile.Write(ref _writingSince, _connection.Now);
            await _ready.Link.Stream.WriteAsync(piece).ConfigureAwait(false);
            Volatile.Write(ref _writingSince, -1);
            lock (_connection.Gate) { _connection.Counters.BytesOut += piece.Length; }
        }
    }

    /// <summary>Looks what is due: a server that is silent is asked, and left when it does not answer or takes nothing.</summary>
    private void Tick()
    {
        var abandons = false;
        lock (_connection.Gate)
        {
            if (_reason is not null) { return; }
            var now = _connection.Now;
            if (Volatile.Read(ref _writingSince) is >= 0 and var since && now - since >= (long)_options.ReplyDeadline.TotalMilliseconds)
            {
                _reason = "expected the server to take bytes in time, it did not";
                abandons = true;
            }
            else if (now - _heard >= (long)_options.PingEvery.TotalMilliseconds * (_unanswered + 1))
            {
                abandons = _unanswered >= MaxUnanswered;
                if (abandons) { _reason = "expected the server to answer in time, it did not"; }
                else
                {
                    _unanswered++;
                    NatsWriter.Ping(_connection.Output);
                }
            }
        }

        if (abandons) { _ready.Link.Stream.Dispose(); }
        _connection.ToWrite.Raise();
    }

    private void End(string reason)
    {
        lock (_connection.Gate) { _reason ??= reason; }
    }
}
