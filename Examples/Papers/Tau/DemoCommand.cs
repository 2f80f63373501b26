using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using StreamLearn;

namespace TauDemo;

/// <summary>What a user can ask of a fleet while it learns.</summary>
internal enum DemoCommandKind
{
    /// <summary>Nodes take the digits of another case.</summary>
    SetCase = 1,

    /// <summary>Versions take so much longer on their way.</summary>
    SetDelay = 2,
}

/// <summary>Something that a user asks of a fleet while it learns; it acts within a round.</summary>
internal sealed record DemoCommand : ISized
{
    /// <summary>The longest delay that can be added: a minute.</summary>
    public const int MostDelay = 60_000;

    private DemoCommand(DemoCommandKind kind, int value) => (Kind, Value) = (kind, value);

    /// <summary>Commands on their way: <c>demo-command/1</c>, a byte for what, and four for the number, little-endian.</summary>
    public static ICodec<DemoCommand> Codec { get; } = new CommandCodec();

    /// <summary>What is asked.</summary>
    public DemoCommandKind Kind { get; }

    /// <summary>The number of the case, 1 to 4; or the delay in milliseconds, 0 to 60,000.</summary>
    public int Value { get; }

    /// <summary>The case that nodes are to have; null: the command says nothing of it.</summary>
    public DataCase? Case => Kind == DemoCommandKind.SetCase ? (DataCase)Value : null;

    /// <summary>The delay that is to be added; null: the command says nothing of it.</summary>
    public TimeSpan? Delay => Kind == DemoCommandKind.SetDelay ? TimeSpan.FromMilliseconds(Value) : null;

    public long SizeBytes => 32;

    /// <summary>Has nodes take the digits of a case.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such case.</exception>
    public static DemoCommand SetCase(DataCase dataCase) => Of(DemoCommandKind.SetCase, (int)dataCase);

    /// <summary>Has versions take longer on their way.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public static DemoCommand SetDelay(int milliseconds) => Of(DemoCommandKind.SetDelay, milliseconds);

    /// <summary>Makes a command of its name and number, as people give them. <paramref name="command"/>: the command, if there is one.
    /// <paramref name="reason"/>: what was expected, if there is none.</summary>
    public static bool TryCreate(
        string name, int value, [NotNullWhen(true)] out DemoCommand? command, [NotNullWhen(false)] out string? reason)
    {
        DemoCommandKind? kind = name switch
        {
            "set-case" => DemoCommandKind.SetCase,
            "set-delay" => DemoCommandKind.SetDelay,
            _ => null,
        };
        reason = kind is { } known ? Reason(known, value) : "expected set-case or set-delay";
        command = reason is null ? new(kind!.Value, value) : null;
        return command is not null;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(Kind == DemoCommandKind.SetCase ? "set-case" : "set-delay")} {Value}");

    private static DemoCommand Of(DemoCommandKind kind, int value) => Reason(kind, value) is { } reason
        ? throw new ArgumentOutOfRangeException(nameof(value), value, reason)
        : new(kind, value);

    private static string? Reason(DemoCommandKind kind, int value) => kind switch
    {
        DemoCommandKind.SetCase => value is >= 1 and <= 4 ? null : "expected a case of 1 to 4",
        DemoCommandKind.SetDelay => value is >= 0 and <= MostDelay ? null : "expected a delay of 0 to 60000 ms",
        _ => "expected set-case or set-delay",
    };

    private sealed class CommandCodec : ICodec<DemoCommand>
    {
        private const int Bytes = 5;

        public string Name => "demo-command/1";

        public void Encode(DemoCommand value, IBufferWriter<byte> buffer)
        {
            var span = buffer.GetSpan(Bytes);
            span[0] = (byte)value.Kind;
            BinaryPrimitives.WriteInt32LittleEndian(span[1..], value.Value);
            buffer.Advance(Bytes);
        }

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out DemoCommand value)
        {
            value = null;
            if (bytes.Length != Bytes) { return false; }
            Span<byte> read = stackalloc byte[Bytes];
            bytes.CopyTo(read);
            var (kind, number) = ((DemoCommandKind)read[0], BinaryPrimitives.ReadInt32LittleEndian(read[1..]));
            if (Reason(kind, number) is not null) { return false; }
            value = new(kind, number);
            return true;
        }
    }
}

/// <summary>A command, and when it is given.</summary>
internal readonly record struct TimedCommand(TimeSpan At, DemoCommand Command);
