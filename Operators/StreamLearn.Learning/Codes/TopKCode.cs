using System.Buffers;

namespace StreamLearn.Learning;

internal sealed record TopKCode(double Share = 0.01) : TensorCode
{
    public override bool IsUnbiased => false;

    public override bool IsByPart => false;

    protected override byte Kind => TensorKind.Sparse;

    public override string ToString() => FormattableString.Invariant($"top-k:{Share}");

    public override TensorCode WarmingUp(double progress) => this with { Share = SparseCode.WarmShare(Share, progress) };

    protected override void Check() => CheckShare(Share);

    protected override bool TryRead(ref ReadOnlySpan<byte> bytes, Span<float> values) => SparseCode.TryRead(ref bytes, values);

    protected override int MaxContent(int count) => SparseCode.MaxBytes(SparseCode.GivenOf(Share, count));

    protected override int Write(ReadOnlySpan<float> values, RandomStream random, Span<byte> bytes)
    {
        var places = ArrayPool<int>.Shared.Rent(SparseCode.GivenOf(Share, values.Length));
        var given = Greatest.Of(values, SparseCode.GivenOf(Share, values.Length), places);
        var written = SparseCode.Write(values, places.AsSpan(0, given), isScaled: false, bytes);
        ArrayPool<int>.Shared.Return(places);
        return written;
    }
}

internal sealed record RandomKCode(double Share = 0.01, bool IsScaled = false) : TensorCode
{
    public override bool IsUnbiased => IsScaled;

    public override bool IsByPart => false;

    protected override byte Kind => TensorKind.Sparse;

    public override string ToString() => FormattableString.Invariant($"random-k:{Share}");

    public override TensorCode WarmingUp(double progress) => this with { Share = SparseCode.WarmShare(Share, progress) };

    protected override void Check() => CheckShare(Share);

    protected override bool TryRead(ref ReadOnlySpan<byte> bytes, Span<float> values) => SparseCode.TryRead(ref bytes, values);

    protected override int MaxContent(int count) => SparseCode.MaxBytes(SparseCode.GivenOf(Share, count));

    protected override int Write(ReadOnlySpan<float> values, RandomStream random, Span<byte> bytes)
    {
        var blocks = SparseCode.GivenOf(Share, values.Length);
        var places = ArrayPool<int>.Shared.Rent(blocks);
        for (var b = 0; b < blocks; b++)
        {
            var from = SparseCode.StartOf(b, values.Length, blocks);
            places[b] = from + random.NextInt32(SparseCode.StartOf(b + 1, values.Length, blocks) - from);
        }

        var written = SparseCode.Write(values, places.AsSpan(0, blocks), IsScaled, bytes);
        ArrayPool<int>.Shared.Return(places);
        return written;
    }
}
