using System.Runtime.InteropServices;

namespace StreamLearn.Programs;

/// <summary>Windows waiting for labels. Their data is in files, only times and positions are in memory.</summary>
/// <remarks>
/// <para>Files are only deleted as a whole: the oldest at the byte limit, and a file without waiting windows after
/// <see cref="SavesBeforeGone"/> saves, so that every kept checkpoint finds its windows.</para>
/// <para>The state is the next number and the numbers that no longer wait. Windows written after the checkpoint wait, and are recognized
/// when they are repeated.</para>
/// </remarks>
internal sealed class WindowStore : IDisposable
{
    /// <summary>A program keeps three checkpoints; a fourth may be in progress.</summary>
    private const int SavesBeforeGone = 4;

    private const int MinSegmentBytes = 64 << 10;
    private const int MaxSegmentBytes = 4 << 20;
    private const int Segments = 16;
    private const long MaxNumber = long.MaxValue / 2;       // maximum number of a window, never reached

    private readonly ISegmentFiles _files;
    private readonly long _maxBytes;
    private readonly int _segmentBytes;
    private readonly List<Segment> _segments = [];
    private readonly List<PlacedWindow> _entries = [];
    private readonly HashSet<(long First, long Last)> _mayComeAgain = [];
    private readonly List<long> _taken = [];       // ranges of numbers, from and to
    private byte[] _record = [];
    private long _bytes;
    private bool _isDirty;

    internal WindowStore(ISegmentFiles files, long maxBytes)
    {
        (_files, _maxBytes) = (files, maxBytes);
        _segmentBytes = (int)Math.Clamp(maxBytes / Segments, MinSegmentBytes, MaxSegmentBytes);
        var all = files.List();
        foreach (var segment in all) { Recover(segment, isLast: segment == all[^1]); }
        foreach (var entry in _entries) { _mayComeAgain.Add((entry.First, entry.Last)); }
    }

    /// <summary>Number of windows, including those that no longer wait.</summary>
    internal int Count => _entries.Count;

    internal int Waiting { get; private set; }

    /// <summary>Windows that waited in the saved state but are not in the files.</summary>
    internal int Gone { get; private set; }

    internal long SizeBytes => _bytes;

    internal long Next { get; private set; }

    internal PlacedWindow this[int index] => _entries[index];

    internal void State(ref StateStream s)
    {
        if (s.IsWriting) { CollectTaken(); }
        var (next, waited) = (s.Value(Next), s.Value(Waiting));
        var taken = s.Array<long>(CollectionsMarshal.AsSpan(_taken), Array.MaxLength);
        if (s.IsWriting) { return; }
        if (next is < 0 or > MaxNumber || taken.Length % 2 != 0) { throw new StateException("expected ranges of windows"); }
        _mayComeAgain.Clear();
        foreach (var segment in _segments) { segment.Waiting = 0; }
        (Waiting, Next) = (0, Math.Max(Next, next));
        for (var (i, range) = (0, 0); i < _entries.Count; i++)
        {
            var entry = _entries[i];
            while (range < taken.Length && taken[range + 1] <= entry.Number) { range += 2; }
            var waits = entry.Number >= next || range >= taken.Length || taken[range] > entry.Number;
            if (entry.Number >= next) { _mayComeAgain.Add((entry.First, entry.Last)); }
            _entries[i] = entry with { Waits = waits };
            if (!waits) { continue; }
            Waiting++;
            SegmentOf(entry).Waiting++;
            if (entry.Number < next) { waited--; }
        }

        Gone = Math.Max(0, waited);
    }

    /// <summary>Returns true once for a window that was stored after the checkpoint and is repeated.</summary>
    internal bool Knows(long first, long last) => _mayComeAgain.Remove((first, last));

    /// <summary><paramref name="values"/>: channel after channel; <paramref name="gone"/>: number of waiting windows evicted, even if this
    /// one is not stored.</summary>
    internal bool TryAdd((long First, long Last) times, DateTimeOffset arrived, ModelVersion version, int rows,
        ReadOnlySpan<float> probabilities, ReadOnlySpan<float> values, out int gone)
    {
        var bytes = (int)HeldWindow.BytesOf(rows, values.Length / rows, probabilities.Length);
        var record = Rented(bytes);
        HeldWindow.Write(record, Next, times, arrived.UtcTicks, version, rows, probabilities, values);
        if (_segments is not [.., var end] || end.Bytes + bytes > _segmentBytes)
        {
            _segments.Add(end = new(_segments is [.., var newest] ? newest.Id + 1 : 1));
        }

        gone = 0;
        while (_bytes + bytes > _maxBytes && _segments[0] != end) { gone += Remove(_segments[0]); }
        try
        {
            _files.Write(end.Id, end.Bytes, record);
        }
        catch (Exception e) when (IsOfDisk(e))
        {
            return false;
        }

        _entries.Add(new(Next++, times.First, times.Last, arrived.UtcTicks, end.Id, end.Bytes, bytes, Waits: true));
        end.Bytes += bytes;
        end.Waiting++;
        _bytes += bytes;
        Waiting++;
        _isDirty = true;
        return true;
    }

    /// <summary>Reads a window; empty if it is damaged. The bytes are valid until the next call.</summary>
    internal ReadOnlySpan<byte> Read(int index)
    {
        var entry = _entries[index];
        var record = Rented(entry.Bytes);
        return IsWhole(entry.Segment, entry.At, entry.Bytes) && new HeldWindow(record).Number == entry.Number ? record : [];
    }

    internal void Take(int index)
    {
        if (!_entries[index].Waits) { return; }
        _entries[index] = _entries[index] with { Waits = false };
        SegmentOf(_entries[index]).Waiting--;
        Waiting--;
    }

    /// <summary>Call it after saving: syncs the files and deletes those that no kept state needs.</summary>
    internal void Saved()
    {
        if (_isDirty) { _files.Sync(); }
        _isDirty = false;
        for (var i = _segments.Count - 1; i >= 0; i--)
        {
            var segment = _segments[i];
            segment.Saves = segment.Waiting > 0 ? 0 : segment.Saves + 1;
            if (segment.Saves > SavesBeforeGone && i < _segments.Count - 1) { Remove(segment); }
        }
    }

    internal int IndexOf(long number)
    {
        var (low, high) = (0, _entries.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_entries[middle].Number < number) { low = middle + 1; }
            else { high = middle; }
        }

        return low;
    }

    internal int Clear()
    {
        var gone = 0;
        while (_segments.Count > 0) { gone += Remove(_segments[^1]); }
        return gone;
    }

    public void Dispose() => _files.Dispose();

    /// <summary>Returns true for a full, failing or read-only disk.</summary>
    internal static bool IsOfDisk(Exception e) => e is IOException or UnauthorizedAccessException;

    /// <summary>Cuts off incomplete or damaged data. Except in the last file, it only reads headers with successive numbers; windows are
    /// verified when read.</summary>
    private void Recover(long id, bool isLast)
    {
        var (segment, length) = (new Segment(id), _files.LengthOf(id));
        Span<byte> head = stackalloc byte[HeldWindow.HeaderBytes];
        while (_files.Read(id, segment.Bytes, head) == head.Length)
        {
            var window = new HeldWindow(head);
            var bytes = window.Length;
            if (bytes == 0 || bytes > length - segment.Bytes) { break; }
            if ((isLast || window.Number != Next) && !IsWhole(id, segment.Bytes, bytes))
            {
                if (isLast) { break; }
                segment.Bytes += bytes;     // skips only this window: a damaged number would cut off all later ones
                continue;
            }

            if (window.Number < Next || window.Number > MaxNumber) { break; }
            _entries.Add(new(window.Number, window.First, window.Last, window.Arrived, id, segment.Bytes, bytes, Waits: true));
            Next = window.Number + 1;
            segment.Bytes += bytes;
            segment.Waiting++;
        }

        Cut(segment, length);
        if (segment.Bytes == 0) { return; }

        _segments.Add(segment);
        (_bytes, Waiting) = (_bytes + segment.Bytes, Waiting + segment.Waiting);
    }

    private bool IsWhole(long id, int at, int bytes)
    {
        var record = Rented(bytes);
        return _files.Read(id, at, record) == bytes && new HeldWindow(record).IsWhole;
    }

    /// <summary>Shortens a segment; on a read-only disk the data stays and is overwritten later.</summary>
    private void Cut(Segment segment, long length)
    {
        try
        {
            if (segment.Bytes == 0) { _files.Delete(segment.Id); }
            else if (segment.Bytes < length) { _files.Truncate(segment.Id, segment.Bytes); }
        }
        catch (Exception e) when (IsOfDisk(e))
        {
        }
    }

    private int Remove(Segment segment)
    {
        _segments.Remove(segment);
        var first = _entries.FindIndex(e => e.Segment == segment.Id);
        if (first >= 0) { _entries.RemoveRange(first, _entries.FindLastIndex(e => e.Segment == segment.Id) + 1 - first); }
        (_bytes, Waiting) = (_bytes - segment.Bytes, Waiting - segment.Waiting);
        segment.Bytes = 0;
        Cut(segment, 0);
        return segment.Waiting;
    }

    private Segment SegmentOf(in PlacedWindow entry)
    {
        for (var i = _segments.Count - 1; ; i--)
        {
            if (_segments[i].Id == entry.Segment) { return _segments[i]; }
        }
    }

    private void CollectTaken()
    {
        _taken.Clear();
        foreach (var entry in _entries)
        {
            if (entry.Waits) { continue; }
            if (_taken is [.., var end] && end == entry.Number) { _taken[^1] = end + 1; }
            else { _taken.AddRange([entry.Number, entry.Number + 1]); }
        }
    }

    private Span<byte> Rented(int bytes)
    {
        if (_record.Length < bytes) { _record = new byte[bytes]; }
        return _record.AsSpan(0, bytes);
    }

    /// <summary>The position of a waiting window, with its arrival in ticks.</summary>
    internal readonly record struct PlacedWindow(
        long Number, long First, long Last, long Arrived, long Segment, int At, int Bytes, bool Waits);

    private sealed class Segment(long id)
    {
        internal long Id { get; } = id;

        internal int Bytes { get; set; }

        internal int Waiting { get; set; }

        internal int Saves { get; set; }
    }
}
