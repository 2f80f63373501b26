using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamLearn.Programs;

namespace TauDemo;

/// <summary>What a program says where its fleet meets.</summary>
internal enum FleetSignKind
{
    /// <summary>A node asks who is there.</summary>
    Asks,

    /// <summary>An aggregator is about to begin, and asks whether another one is there.</summary>
    Begins,

    /// <summary>An aggregator is there, and no run is under way.</summary>
    Rests,

    /// <summary>A run is under way, to which nodes may come.</summary>
    Runs,

    /// <summary>An aggregator leaves, and nodes are to leave, too.</summary>
    Ends,
}

/// <summary>A sign that a program is there, which it gives again and again. Immutable.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Program">A name of its own, different at each start.</param>
/// <param name="StartedAt">When it was started, in ticks of UTC.</param>
internal sealed record FleetSign(FleetSignKind Kind, string Program, long StartedAt)
{
    private const int MostBytes = 1024;

    /// <summary>The number of the run, from 1; 0: there has been none.</summary>
    public int Run { get; init; }

    /// <summary>The case that the run began with, 1 to 4.</summary>
    public int Case { get; init; } = (int)DataCase.Uniform;

    /// <summary>True if any case may follow in the run.</summary>
    public bool TakesAllCases { get; init; }

    /// <summary>The seed of its rows.</summary>
    public long Seed { get; init; }

    /// <summary>The name of the run in topics.</summary>
    [JsonIgnore]
    public string RunName => FormattableString.Invariant($"{Program}-{Run}");

    /// <summary>True if it is that of an aggregator that is there.</summary>
    [JsonIgnore]
    public bool IsOfFleet => Kind is FleetSignKind.Rests or FleetSignKind.Runs;

    /// <summary>The first sign of a program that is started now.</summary>
    /// <param name="kind">What it does.</param>
    internal static FleetSign Of(FleetSignKind kind) =>
        new(kind, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4)), TimeProvider.System.GetUtcNow().UtcTicks);

    /// <summary>True if this program goes first where two claim the name of a fleet: all of them see it alike.</summary>
    /// <param name="other">The sign of the other one.</param>
    internal bool GoesBefore(FleetSign other)
    {
        var times = StartedAt.CompareTo(other.StartedAt);
        return times != 0 ? times < 0 : string.CompareOrdinal(Program, other.Program) < 0;
    }

    /// <summary>The sign as bytes: an object of JSON with these members.</summary>
    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, SignJson.Default.FleetSign);

    /// <summary>Reads one.</summary>
    /// <param name="bytes">All of its bytes.</param>
    /// <returns>Null: it is none.</returns>
    internal static FleetSign? Read(in ReadOnlySequence<byte> bytes)
    {
        if (bytes.Length is 0 or > MostBytes) { return null; }
        try
        {
            var reader = new Utf8JsonReader(bytes);
            var sign = JsonSerializer.Deserialize(ref reader, SignJson.Default.FleetSign);
            return sign is { Program: not null, Run: >= 0, Case: >= (int)DataCase.Uniform and <= (int)DataCase.Mixed }
                && Enum.IsDefined(sign.Kind) && LinkConfig.IsName(sign.Program) ? sign : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>How signs are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(FleetSign))]
internal sealed partial class SignJson : JsonSerializerContext;
