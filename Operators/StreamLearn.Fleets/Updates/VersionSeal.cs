using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace StreamLearn.Fleets;

/// <summary>Recognizes its own versions by HMAC-SHA256 (128 bits) of number, epoch, values and scale.</summary>
internal sealed class VersionSeal(ImmutableArray<byte> secret)
{
    internal const int MinBytes = 16, MaxBytes = 64;

    private readonly ArrayBufferWriter<byte> _frame = new();

    /// <summary>Empty: versions are not sealed.</summary>
    internal ImmutableArray<byte> Secret { get; private set; } = secret;

    /// <summary>The restored key replaces the new one, because it sealed earlier versions.</summary>
    internal void State(ref StateStream s)
    {
        var known = s.Array(Secret, MaxBytes);
        if (known.Length > 0) { Secret = known; }
    }

    internal Weights Sealed(Weights version) => Secret.IsEmpty ? version : version with { Seal = Of(version) };

    internal bool IsOwn(Weights version) => !Secret.IsEmpty && Of(version) == version.Seal;

    private UInt128 Of(Weights version)
    {
        _frame.ResetWrittenCount();
        LearningCodecs.Weights.Encode(version with { Seal = 0, Invited = null, Directives = [] }, _frame);
        return BinaryPrimitives.ReadUInt128LittleEndian(HMACSHA256.HashData(Secret.AsSpan(), _frame.WrittenSpan));
    }
}
