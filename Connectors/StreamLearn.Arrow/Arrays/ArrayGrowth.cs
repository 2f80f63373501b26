using System.Runtime.InteropServices;

namespace StreamLearn.Arrow;

/// <summary>Appends values in its own memory, which is reserved in advance up to double, so the cost of appending is amortized. Earlier,
/// shorter arrays stay valid. The input must be checked already.</summary>
internal static class ArrayGrowth
{
    internal static ArrowArray Join(ArrowArray? first, ArrowArray then)
    {
        var (kind, before) = (then.Stored, first?.Length ?? 0);
        if ((long)before + then.Length > int.MaxValue) { throw TooMany(then); }
        var children = ImmutableArray.CreateBuilder<ArrowArray>(then.Children.Length);
        for (var i = 0; i < then.Children.Length; i++) { children.Add(Join(first?.Children[i], ArrowArrays.UsedChild(then, kind, i))); }

        var joined = new ArrowArray(then.Field, children.MoveToImmutable());
        var missing = (first?.NullCount ?? 0) + then.NullCount;
        joined.Set(before + then.Length, missing, Validity(first, then, kind, missing),
            ArrayChecks.HasOffsets(kind) ? Offsets(first, then, kind) : default, Data(first, then, kind), then.Dictionary);
        if (then.Dictionary is null) { return joined; }
        ArrayChecks.CheckPlaces(then);
        joined.EntriesNeeded = Math.Max(first?.EntriesNeeded ?? 0, then.EntriesNeeded);
        return joined;
    }

    private static ReadOnlyMemory<byte> Data(ArrowArray? first, ArrowArray then, ArrowKind kind)
    {
        var (data, before) = (first?.Data ?? default, first?.Length ?? 0);
        if (kind == ArrowKind.Bool) { return AppendBits(data, before, then.Data.Span, then.Length); }
        var width = ArrowType.BytesOf(kind, then.Field.Type.Width);
        if (width > 0) { return Append(data, then.Data.Span[..(width * then.Length)], then); }
        return ArrayChecks.HasOffsets(kind) && !ArrayChecks.IsNested(kind)
            ? Append(data, then.Data.Span[ArrowArrays.Used(then)], then) : default;
    }

    private static ReadOnlyMemory<byte> Validity(ArrowArray? first, ArrowArray then, ArrowKind kind, int missing)
    {
        if (kind == ArrowKind.Null || missing == 0) { return default; }
        var (validity, before) = (first?.Validity ?? default, first?.Length ?? 0);
        return AppendBits(validity.IsEmpty ? Ones(before) : validity, before,
            (then.Validity.IsEmpty ? Ones(then.Length) : then.Validity).Span, then.Length);
    }

    private static ReadOnlyMemory<byte> Offsets(ArrowArray? first, ArrowArray then, ArrowKind kind)
    {
        var width = ArrayChecks.HasWideOffsets(kind) ? sizeof(long) : sizeof(int);
        var before = first is null ? new byte[width] : first.Offsets;
        var at = first is null or { Length: 0 } ? 0L : first.Range(first.Length - 1).End;
        var bytes = Reserve(before, before.Length, (long)width * then.Length, then);
        ArrowArrays.WriteOffsets(then, bytes.AsSpan(before.Length), width, at);
        return bytes.AsMemory(0, before.Length + (width * then.Length));
    }

    private static ReadOnlyMemory<byte> Append(ReadOnlyMemory<byte> first, ReadOnlySpan<byte> then, ArrowArray array)
    {
        var bytes = Reserve(first, first.Length, then.Length, array);
        then.CopyTo(bytes.AsSpan(first.Length));
        return bytes.AsMemory(0, first.Length + then.Length);
    }

    private static ReadOnlyMemory<byte> AppendBits(ReadOnlyMemory<byte> first, int firstBits, ReadOnlySpan<byte> then, int thenBits)
    {
        var (used, needed) = (Bits.Bytes(firstBits), Bits.Bytes(firstBits + thenBits));
        var bytes = Reserve(first, used, needed - used, null);
        Bits.Put(then, thenBits, bytes, firstBits);
        return bytes.AsMemory(0, needed);
    }

    /// <summary>Returns memory with the used bytes and space for more, or the same memory if it is sufficient.</summary>
    private static byte[] Reserve(ReadOnlyMemory<byte> first, int used, long more, ArrowArray? array)
    {
        if (used + more > Array.MaxLength) { throw TooMany(array!); }
        var needed = used + (int)more;
        if (MemoryMarshal.TryGetArray(first, out var there) && there.Offset == 0 && there.Array!.Length >= needed) { return there.Array; }
        var bytes = new byte[used == 0 ? needed : Math.Max(needed, (int)Math.Min(2L * used, Array.MaxLength))];
        first.Span[..used].CopyTo(bytes);
        return bytes;
    }

    private static byte[] Ones(int bits)
    {
        var bytes = new byte[Bits.Bytes(bits)];
        bytes.AsSpan().Fill(0xFF);
        return bytes;
    }

    private static ArrowFormatException TooMany(ArrowArray array) =>
        new($"column '{array.Field.Name}': expected at most 2 GiB of entries, got more");
}
