using System.Buffers;

namespace StreamLearn.Formats;

/// <summary>The part of a file in memory; <see cref="At"/> to <see cref="End"/> is unread.</summary>
/// <remarks>State: 128 KiB, or more for a longer row. A 0 byte follows the end, and <see cref="Pad"/> bytes may be loaded
/// unchecked.</remarks>
internal sealed class ByteWindow
{
    private const int Pad = 64;
    private const int FirstBytes = 1 << 17;

    private long _start;     // offset of the first byte in the file
    private int _virtual;   // 1: the last byte is an added line end

    internal byte[] Bytes { get; private set; } = new byte[FirstBytes + Pad];

    internal int At { get; set; }

    internal int End { get; private set; }

    /// <summary>Start of the row read last, while no more bytes were read.</summary>
    internal int RowStart { get; set; }

    internal long Line { get; set; } = 1;

    internal long Offset => _start + Math.Min(At, End - _virtual);

    internal long Read => _start + End - _virtual;

    internal bool IsFinished { get; private set; }

    internal ReadOnlySpan<byte> Rest => Bytes.AsSpan(At, End - At);

    internal void Begin(long offset, long line)
    {
        (_start, At, End, Line, _virtual, IsFinished) = (offset, 0, 0, line, 0, false);
        Bytes[0] = 0;
    }

    /// <summary>Moves unread bytes to the front and reads more; returns false at the end. <paramref name="most"/>: maximum number of unread
    /// bytes.
    /// <paramref name="isFull"/>: true if the maximum is reached.</summary>
    internal bool TryFill(IByteText text, int most, out bool isFull)
    {
        isFull = End - At >= most;
        if (isFull || IsFinished) { return false; }
        if (At > 0)
        {
            Bytes.AsSpan(At, End - At).CopyTo(Bytes);
            (_start, At, End) = (_start + At, 0, End - At);
        }

        if (End == Bytes.Length - Pad)
        {
            var more = Bytes;
            Array.Resize(ref more, (int)Math.Min(Array.MaxLength, (2L * (Bytes.Length - Pad)) + Pad));
            Bytes = more;
        }

        var got = text.Read(Bytes.AsSpan(End, Bytes.Length - Pad - End));
        End += got;
        Bytes[End] = 0;
        return got > 0;
    }

    internal void Load(in ReadOnlySequence<byte> text)
    {
        Begin(0, 1);
        var length = (int)text.Length;
        if (Bytes.Length < length + 1 + Pad) { Bytes = new byte[length + 1 + Pad]; }
        text.CopyTo(Bytes);
        if (Bytes.AsSpan(0, length) is var all && !all.Contains((byte)'\n')) { all.Replace((byte)'\r', (byte)'\n'); }
        End = length;
        Bytes[End] = 0;
        Finish();
    }

    /// <summary>Ends the input; completes a last line without an end.</summary>
    internal void Finish()
    {
        IsFinished = true;
        if (End == At || Bytes[End - 1] == '\n') { return; }
        Bytes[End++] = (byte)'\n';
        Bytes[End] = 0;
        _virtual = 1;
    }

    /// <summary>Returns false if its end is not in memory.</summary>
    internal bool TryPassLine()
    {
        var end = Rest.IndexOf((byte)'\n');
        At = end < 0 ? End : At + end + 1;
        if (end >= 0) { Line++; }
        return end >= 0;
    }
}
