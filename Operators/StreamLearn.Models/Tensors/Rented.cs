using System.Buffers;

namespace StreamLearn.Models;

/// <summary>Values lent by the process's pool, of undefined content: given back by disposing.</summary>
internal readonly ref struct Rented(int count)
{
    private readonly float[] _array = ArrayPool<float>.Shared.Rent(count);

    internal Span<float> Values => _array.AsSpan(0, count);

    public void Dispose() => ArrayPool<float>.Shared.Return(_array);
}
