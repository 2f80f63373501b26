namespace StreamLearn.Models;

/// <summary>
/// Scratch memory that is handed out and taken back like a stack: nothing is allocated once the deepest use has been seen.
/// </summary>
/// <remarks>State: the chunks. One workspace belongs to one operator.</remarks>
public sealed class Workspace
{
    private const int MinChunk = 1024;

    private readonly List<Memory<float>> _chunks = [];
    private int _chunk;
    private int _used;
    private long _reserved;
    private SecondThread? _second;
    private Tape? _tape;

    /// <summary>Makes an empty workspace.</summary>
    public Workspace() { }

    /// <summary>Makes an empty workspace of which a thread, its owner's to dispose, takes half of the work of large steps.</summary>
    internal Workspace(SecondThread? second) => _second = second;

    /// <summary>Lets a thread take half of the work of large steps, until what is given back is disposed: no step may be under way then,
    /// nor come later.</summary>
    /// <returns>The thread; to dispose it ends it.</returns>
    public IDisposable StartSecondThread()
    {
        var second = new SecondThread();        // the caller's: a workspace disposes of nothing
        (_tape, _second) = (null, second);
        return second;
    }

    /// <summary>Zeros that are the caller's to keep, and never move: they begin on a cache line, from which kernels read them
    /// faster.</summary>
    /// <param name="length">Values, 0 or more.</param>
    public static Memory<float> Zeros(int length) => Aligned.Values(length);

    /// <summary>Bytes reserved so far.</summary>
    public long ReservedBytes => _reserved + (_tape?.ReservedBytes ?? 0) + (_second?.ReservedBytes ?? 0);

    /// <summary>The tape of steps that are taken in one call.</summary>
    internal Tape Tape => _tape ??= new() { Second = _second };

    /// <summary>Bytes that are reserved for the first span of a length.</summary>
    internal static long BytesOf(int length) => 4L * Math.Max(Vectors.Widen(length), MinChunk);

    /// <summary>Notes how much is handed out now, for <see cref="Release"/>.</summary>
    public long Mark() => ((long)_chunk << 32) | (uint)_used;

    /// <summary>Takes back all that was handed out since a mark.</summary>
    /// <param name="mark">The mark.</param>
    public void Release(long mark) => (_chunk, _used) = ((int)(mark >> 32), (int)mark);

    /// <summary>Gives all memory back, for use with less from now on. Nothing may be handed out.</summary>
    /// <exception cref="InvalidOperationException">Something is handed out.</exception>
    public void Trim()
    {
        if (_chunk != 0 || _used != 0) { throw new InvalidOperationException("expected a workspace of which nothing is handed out"); }
        _chunks.Clear();
        (_reserved, _tape) = (0, null);
        _second?.Trim();
    }

    /// <summary>Hands out memory of undefined content, until the release of an earlier mark.</summary>
    /// <param name="length">Values, 0 or more.</param>
    public Span<float> Rent(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var whole = Vectors.Widen(length);
        while (_chunk < _chunks.Count && _chunks[_chunk].Length - _used < whole)
        {
            _chunk++;
            _used = 0;
        }

        if (_chunk == _chunks.Count)
        {
            _chunks.Add(Aligned.Values(Math.Max(whole, MinChunk << Math.Min(_chunk, 12))));
            _reserved += 4L * _chunks[^1].Length;
        }

        _used += whole;
        return _chunks[_chunk].Span.Slice(_used - whole, length);
    }
}
