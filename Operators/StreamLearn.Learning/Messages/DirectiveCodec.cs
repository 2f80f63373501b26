using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Learning;

/// <summary>What is asked of devices as bytes, in versions and in states: its fields alone.</summary>
internal sealed class DirectiveCodec : ICodec<Directive>
{
    /// <summary>Bytes of one at least.</summary>
    internal const int MinBytes = 4;

    /// <inheritdoc />
    public string Name => "directive/1";

    /// <inheritdoc />
    public void Encode(Directive value, IBufferWriter<byte> buffer)
    {
        var bytes = BytesOf(value);
        Write(value, buffer.GetSpan(bytes));
        buffer.Advance(bytes);
    }

    /// <inheritdoc />
    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Directive value) =>
        TryRead(bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray(), out value, out var read) && read == bytes.Length;

    internal static int BytesOf(Directive value)
    {
        var measured = OptionalFields.Measure();
        Directive.Fields(ref measured, value);
        return measured.Bytes;
    }

    /// <returns>Bytes that were written.</returns>
    internal static int Write(Directive value, Span<byte> to)
    {
        var fields = OptionalFields.Write(to);
        Directive.Fields(ref fields, value);
        fields.End();
        return fields.Bytes;
    }

    /// <summary>Reads one from the beginning of some bytes.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> from, [MaybeNullWhen(false)] out Directive value, out int bytes)
    {
        var fields = OptionalFields.Read(from);
        value = Directive.Fields(ref fields, null);
        bytes = fields.Bytes;
        return !fields.Failed && value.IsValid;
    }
}
