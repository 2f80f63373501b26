namespace StreamLearn.Formats;

/// <summary>Reads an origin on its own thread into a fixed buffer, and reopens it when it ends.</summary>
/// <remarks>A full buffer stops reading, so a program blocks on its pipe. It reopens the origin after everything was received and 0.25 s
/// have passed; the wait doubles up to 30 s, and an opening of 30 s resets it.</remarks>
internal sealed class LineFeed : IByteText, IDisposable
{
    private const int Bytes = 1 << 18;

    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

    private readonly LineOrigin _origin;
    private readonly Action<string> _say;
    private readonly bool _endsWithProgram;
    private readonly Encoding? _encoding;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly Thread _thread;
    private readonly object _turn = new();
    private readonly byte[] _bytes = new byte[Bytes];
    private int _from;
    private int _count;
    private bool _hasEnded;
    private bool _isDone;
    private bool _isWhole;
    private bool _isClosed;
    private LineStream? _open;
    private string? _fault;     // the reported fault; null: the origin sends lines

    internal LineFeed(LineOrigin origin, LineOptions options, Encoding? encoding)
    {
        (_origin, _say, _endsWithProgram, _encoding) = (origin, options.Say, options.EndsWithProgram, encoding);
        _thread = new(Run) { IsBackground = true, Name = "lines" };
        _thread.Start();
    }

    /// <summary>True once everything was received; <see cref="BeginNext"/> continues.</summary>
    internal bool HasEnded
    {
        get
        {
            lock (_turn) { return _hasEnded && _count == 0; }
        }
    }

    internal bool IsDone
    {
        get
        {
            lock (_turn) { return _isDone; }
        }
    }

    /// <summary>True if the last line is complete even without an end, since the program ended as it should.</summary>
    internal bool IsWhole
    {
        get
        {
            lock (_turn) { return _isWhole; }
        }
    }

    public int Read(Span<byte> bytes)
    {
        lock (_turn)
        {
            var got = Math.Min(bytes.Length, _count);
            var front = Math.Min(got, Bytes - _from);
            _bytes.AsSpan(_from, front).CopyTo(bytes);
            _bytes.AsSpan(0, got - front).CopyTo(bytes[front..]);
            (_from, _count) = ((_from + got) % Bytes, _count - got);
            Monitor.Pulse(_turn);
            return got;
        }
    }

    internal void BeginNext()
    {
        lock (_turn)
        {
            _hasEnded = false;
            Monitor.Pulse(_turn);
        }
    }

    public void Dispose()
    {
        LineStream? open;
        lock (_turn)
        {
            _isClosed = true;
            open = _open;
            Monitor.Pulse(_turn);
        }

        open?.Close();
        _thread.Join(Settled);
    }

    private void Run()
    {
        var wait = First;
        while (true)
        {
            var began = _time.GetTimestamp();
            var ending = Pass(began);
            if (_time.GetElapsedTime(began) >= Longest) { wait = First; }
            lock (_turn)
            {
                if (_isClosed || _isDone) { return; }
                if (ending != _fault)
                {
                    _fault = ending;
                    _say(FormattableString.Invariant($"{_origin.Name} {ending}; reopening it in {wait.TotalSeconds} s, ")
                        + FormattableString.Invariant($"later within {Longest.TotalSeconds} s"));
                }

                var since = _time.GetTimestamp();
                while (!_isClosed && wait - _time.GetElapsedTime(since) is var left && (_hasEnded || left > TimeSpan.Zero))
                {
                    Monitor.Wait(_turn, _hasEnded ? Longest : left);
                }

                if (_isClosed) { return; }
            }

            wait = wait * 2 < Longest ? wait * 2 : Longest;
        }
    }

    private string Pass(long began)
    {
        try
        {
            using var stream = _origin.Open(_say);
            lock (_turn)
            {
                _open = stream;
                if (_isClosed) { return ""; }
            }

            try
            {
                using var text = new ReturnText(RecodedLines.Of(stream, _encoding, !_origin.BeginsInside));
                while (TryRead(text)) { SayThatItIsBack(began); }
                return stream.Ending();
            }
            finally
            {
                lock (_turn)
                {
                    (_open, _hasEnded, _isWhole) = (null, true, stream.HasSucceeded);
                    _isDone = _endsWithProgram && _isWhole;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"cannot be read: {e.Message.ReplaceLineEndings(" ")}";
        }
    }

    private bool TryRead(Stream text)
    {
        int at, free;
        lock (_turn)
        {
            while (_count == Bytes && !_isClosed) { Monitor.Wait(_turn); }
            at = (_from + _count) % Bytes;
            free = _isClosed ? 0 : Math.Min(Bytes - _count, Bytes - at);
        }

        var got = free == 0 ? 0 : text.Read(_bytes.AsSpan(at, free));
        lock (_turn) { _count += got; }
        return got > 0;
    }

    private void SayThatItIsBack(long began)
    {
        if (_fault is null || _time.GetElapsedTime(began) < Settled) { return; }
        _fault = null;
        _say($"{_origin.Name} sends lines again");
    }
}
