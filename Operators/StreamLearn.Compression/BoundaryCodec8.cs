using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using StreamLearn.Learning;

namespace StreamLearn.Compression;

/// <summary>Writes two frames: the values as 8-bit numbers, then the rest in its usual encoding.</summary>
internal sealed class BoundaryCodec8<T>(
    string name, ICodec<T> exact, Func<T, ImmutableArray<float>> values, Func<T, ImmutableArray<float>, T> with) : ICodec<T>
    where T : class
{
    private const int CountAt = 8;              // position after the header of the frame
    private const int ScaleBytes = 4 + 1;
    private const int EmptyBytes = CountAt + 4 + 4;

    public string Name => name;

    public byte Kind => exact.Kind;

    public void Encode(T value, IBufferWriter<byte> buffer)
    {
        var all = values(value).AsSpan();
        var affine = Affine8.Of(all);
        var count = affine is null ? 0 : all.Length;
        var frame = new FrameFields(buffer, 4 + ValueBytes(count));
        frame.Int(count);
        if (affine is { } range)
        {
            frame.Single(range.Scale);
            frame.Byte(range.Zero);
            range.Quantize(all, frame.Space(count));
        }

        frame.End();
        exact.Encode(affine is null ? value : with(value, []), buffer);
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out T value)
    {
        value = null;
        if (bytes.Length < EmptyBytes) { return false; }
        Span<byte> start = stackalloc byte[CountAt + 4];
        bytes.Slice(0, start.Length).CopyTo(start);
        var length = EmptyBytes + ValueBytes(BinaryPrimitives.ReadInt32LittleEndian(start[CountAt..]));
        if (length < EmptyBytes || length > bytes.Length) { return false; }
        var frame = new FrameFields(bytes.Slice(0, length));
        var count = frame.Int(null);
        var affine = count == 0 ? default : new Affine8(frame.Single(null), frame.Byte(null));
        var numbers = frame.Read(count);
        if (!frame.Ended || (count > 0 && !affine.IsValid) || !exact.TryDecode(bytes.Slice(length), pool, out var rest)) { return false; }
        if (count > 0 && !values(rest).IsEmpty) { return false; }
        value = count == 0 ? rest : with(rest, Restored(affine, numbers));
        return true;
    }

    private static ImmutableArray<float> Restored(Affine8 affine, ReadOnlySpan<byte> numbers)
    {
        var values = GC.AllocateUninitializedArray<float>(numbers.Length);
        affine.Restore(numbers, values);
        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }

    private static int ValueBytes(int count) => count == 0 ? 0 : ScaleBytes + count;
}
