using System.Buffers;

namespace StreamLearn.Learning;

/// <summary>Sends the values of the greatest magnitude, at least one; the others are 0.</summary>
/// <remarks>
/// Of values of equal magnitude the first ones go; zeros do not. Code: how many, gaps between their places, the values. Biased: it wants
/// feedback. Cost: one pass with a threshold that a sample gives, as Lin et al. (2018) have it, then an exact choice from what that lets
/// through.
/// </remarks>
/// <param name="Share">Of the values that are sent, more than 0, at most 1; default .01.</param>
public sealed record TopKCode(double Share = 0.01) : TensorCode
{
    /// <inheritdoc />
    public override bool IsUnbiased => false;

    internal override bool IsByPart => false;

    private protected override TensorKind Kind => TensorKind.Sparse;

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"top-k:{Share}");

    private protected override void Check() => CheckShare(Share);

    private protected override int MaxContent(int count) => SparseCode.MaxBytes(SparseCode.GivenOf(Share, count));

    private protected override int Write(ReadOnlySpan<float> values, RandomStream random, Span<byte> bytes)
    {
        var places = ArrayPool<int>.Shared.Rent(SparseCode.GivenOf(Share, values.Length));
        var given = Greatest.Of(values, SparseCode.GivenOf(Share, values.Length), places);
        var written = SparseCode.Write(values, places.AsSpan(0, given), isScaled: false, bytes);
        ArrayPool<int>.Shared.Return(places);
        return written;
    }
}

/// <summary>Sends one value of each block, at random, as it is or times the length of the block; the others are 0.</summary>
/// <remarks>
/// The values are cut into as many blocks of equal length as values are sent. Times the length of the block the code is unbiased; as it
/// is, it wants feedback. Source: Stich et al. (2018), rand-k; blocks are ours.
/// </remarks>
/// <param name="Share">Of the values that are sent, more than 0, at most 1; default .01.</param>
/// <param name="IsScaled">True: times the length of the block. Default false.</param>
public sealed record RandomKCode(double Share = 0.01, bool IsScaled = false) : TensorCode
{
    /// <inheritdoc />
    public override bool IsUnbiased => IsScaled;

    internal override bool IsByPart => false;

    private protected override TensorKind Kind => TensorKind.Sparse;

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"random-k:{Share}");

    private protected override void Check() => CheckShare(Share);

    private protected override int MaxContent(int count) => SparseCode.MaxBytes(SparseCode.GivenOf(Share, count));

    private protected override int Write(ReadOnlySpan<float> values, RandomStream random, Span<byte> bytes)
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
