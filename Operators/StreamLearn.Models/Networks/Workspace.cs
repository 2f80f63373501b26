namespace StreamLearn.Models;

/// <summary>Scratch memory that is used like a stack. It allocates nothing after it has reached its greatest depth.</summary>
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

    /// <summary>Creates an empty workspace.</summary>
    public Workspace() { }

    internal Workspace(SecondThread? second) => _second = second;

    /// <summary>Starts a thread that computes half of large steps. Dispose it after the last step.</summary>
    /// <returns>The thread; disposing ends it.</returns>
    public IDisposable StartSecondThread()
    {
        var second = new SecondThread();        // owned by the caller, because a workspace disposes nothing
        (_tape, _second) = (null, second);
        return second;
    }

    /// <summary>Allocates pinned zeros aligned to a cache line, for fast kernels.</summary>
    /// <param name="length">Values, 0 or more.</param>
    public static Memory<float> Zeros(int length) => Aligned.Values(length);

    /// <summary>Bytes reserved so far.</summary>
    public long ReservedBytes => _reserved + (_tape?.ReservedBytes ?? 0) + (_second?.ReservedBytes ?? 0);

    internal Tape Tape => _tape ??= new() { Second = _second };

    internal static long BytesOf(int length) => 4L * Math.Max(Vectors.Widen(length), MinChunk);

    /// <summary>Returns a mark for <see cref="Release"/>.</summary>
    public long Mark() => ((long)_chunk << 32) | (uint)_used;

    /// <summary>Releases all memory rented since a mark.</summary>
    public void Release(long mark) => (_chunk, _used) = ((int)(mark >> 32), (int)mark);

    /// <summary>Frees all memory. Nothing may be rented.</summary>
    /// <exception cref="InvalidOperationException">Memory is rented.</exception>
    public void Trim()
    {
        if (_chunk != 0 || _used != 0) { throw new InvalidOperationException("expected a workspace without rented buffers"); }
        _chunks.Clear();
        (_reserved, _tape) = (0, null);
        _second?.Trim();
    }

    /// <summary>Rents memory with undefined content until an earlier mark is released.</summary>
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
