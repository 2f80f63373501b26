using System.Buffers;

namespace StreamLearn.Models;

/// <summary>Pooled values with undefined content, which are returned on dispose.</summary>
internal readonly ref struct Rented(int count)
{
    private readonly float[] _array = ArrayPool<float>.Shared.Rent(count);

    internal Span<float> Values => _array.AsSpan(0, count);

    public void Dispose() => ArrayPool<float>.Shared.Return(_array);
}
