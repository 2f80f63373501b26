using System.Buffers;
using System.Numerics;

namespace StreamLearn.Connections;

/// <summary>Reuses a session's payload buffers, up to a limit. Call it while holding the session's lock. A shared pool would lose buffers
/// that one thread rents and another returns.</summary>
internal sealed class PayloadStock
{
    private const int MinBits = 6;            // 64 bytes
    private const int MaxBits = 16;            // 64 KiB; larger buffers are rare and shared
    private const int MaxKept = 8 << 20;
    private readonly Stack<byte[]>?[] _stacks = new Stack<byte[]>?[MaxBits - MinBits + 1];
    private int _kept;

    internal byte[] Rent(int length)
    {
        if (length == 0) { return []; }
        if (length > 1 << MaxBits) { return ArrayPool<byte>.Shared.Rent(length); }
        var bits = Bits(length);
        if (_stacks[bits - MinBits] is not { } stack || !stack.TryPop(out var buffer)) { return new byte[1 << bits]; }
        _kept -= buffer.Length;
        return buffer;
    }

    internal void Return(byte[] buffer)
    {
        if (buffer.Length == 0) { return; }
        if (buffer.Length > 1 << MaxBits)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return;
        }

        if (_kept + buffer.Length > MaxKept) { return; }
        _kept += buffer.Length;
        (_stacks[Bits(buffer.Length) - MinBits] ??= []).Push(buffer);
    }

    private static int Bits(int length) => Math.Max(32 - BitOperations.LeadingZeroCount((uint)length - 1), MinBits);
}
