using System.Buffers;

namespace StreamLearn.Formats;

/// <summary>A contiguous payload, which is copied if it was segmented.</summary>
internal readonly ref struct WholePayload
{
    private readonly byte[]? _copy;

    internal WholePayload(in ReadOnlySequence<byte> payload)
    {
        if (payload.IsSingleSegment)
        {
            Bytes = payload.FirstSpan;
            return;
        }

        _copy = ArrayPool<byte>.Shared.Rent((int)payload.Length);
        payload.CopyTo(_copy);
        Bytes = _copy.AsSpan(0, (int)payload.Length);
    }

    internal ReadOnlySpan<byte> Bytes { get; }

    public void Dispose()
    {
        if (_copy is not null) { ArrayPool<byte>.Shared.Return(_copy); }
    }
}
