using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace StreamLearn.Formats;

/// <summary>The header of a NumPy file. Source: NEP 1; numpy.lib.format, versions 1.0 to 3.0.</summary>
internal sealed partial record NpyHead(char Kind, int Width, long Rows, int Columns, int Length)
{
    private const int MaxHead = 1 << 16;
    internal const int WrittenLength = 128;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    internal ColumnType Type => (Kind, Width) switch
    {
        ('f', 4) => ColumnType.Float32,
        ('f', _) => ColumnType.Float64,
        ('i', 8) or ('u', 4) => ColumnType.Int64,
        _ => ColumnType.Int32,
    };

    internal static NpyHead Read(Stream stream, string name)
    {
        var start = Take(stream, 8, name);
        if (!start.AsSpan().StartsWith(Magic))
        {
            throw new InvalidDataException($"{name}: expected a file of NumPy, 0x93 NUMPY, got 0x{Convert.ToHexString(start)}");
        }

        var version = start[6];
        if (version is 0 or > 3) { throw new InvalidDataException($"{name}: expected version 1 to 3, got {version}.{start[7]}"); }
        var size = Take(stream, version == 1 ? 2 : 4, name);
        var length = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(size) : BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (length > MaxHead) { throw new InvalidDataException($"{name}: expected a header of at most {MaxHead} bytes, got {length}"); }
        var text = (version == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(Take(stream, (int)length, name));
        var match = Text().Match(text);
        if (!match.Success) { throw new InvalidDataException($"{name}: expected descr, fortran_order and shape, got {text.Trim()}"); }
        var shape = Shape(match.Groups["shape"].Value, name);
        if (match.Groups["order"].Value == "True" && shape.Length > 1)
        {
            throw new InvalidDataException($"{name}: expected row-major order, got fortran_order: True");
        }

        var type = match.Groups["descr"].Value;
        if (type is not ("<f4" or "<f8" or "<i4" or "<i8" or "<i2" or "<u2" or "<u4" or "|i1" or "|u1" or "|b1"))
        {
            throw new InvalidDataException(
                $"{name}: expected <f4, <f8, <i8, <i4, <i2, |i1, <u4, <u2, |u1 or |b1, got {(type.Length == 0 ? "several fields" : type)}");
        }

        var columns = shape.Length == 2 ? shape[1] : 1;
        if (columns is < 1 or > Schema.MaxColumns)
        {
            throw new InvalidDataException($"{name}: expected 1 to {Schema.MaxColumns} columns, got {columns}");
        }

        return new(type[1] == 'b' ? 'u' : type[1], type[2] - '0', shape[0], (int)columns, (int)stream.Position);
    }

    /// <summary>Writes a header of version 1.0. <paramref name="columns"/>: 1 for one dimension.</summary>
    internal static void Write(Span<byte> bytes, ColumnType type, long rows, int columns)
    {
        var kind = type is ColumnType.Float32 or ColumnType.Float64 ? 'f' : 'i';
        var width = type is ColumnType.Float32 or ColumnType.Int32 ? 4 : 8;
        Magic.CopyTo(bytes);
        (bytes[6], bytes[7]) = (1, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], WrittenLength - 10);
        bytes[10..].Fill((byte)' ');
        "{'descr': '<"u8.CopyTo(bytes[10..]);
        (bytes[22], bytes[23]) = ((byte)kind, (byte)('0' + width));
        "', 'fortran_order': False, 'shape': ("u8.CopyTo(bytes[24..]);
        var length = 61;
        rows.TryFormat(bytes[length..], out var digits, default, CultureInfo.InvariantCulture);
        length += digits;
        bytes[length++] = (byte)',';
        if (columns > 1)
        {
            columns.TryFormat(bytes[++length..], out digits, default, CultureInfo.InvariantCulture);
            length += digits;
        }

        "), }"u8.CopyTo(bytes[length..]);
        bytes[^1] = (byte)'\n';
    }

    private static ImmutableArray<long> Shape(string text, string name)
    {
        ImmutableArray<string> sizes = [.. text.Split(',').Select(s => s.Trim().TrimEnd('L')).Where(s => s.Length > 0)];
        if (sizes.Length is 0 or > 2) { throw new InvalidDataException($"{name}: expected 1 or 2 dimensions, got ({text})"); }
        var shape = ImmutableArray.CreateBuilder<long>();
        foreach (var size in sizes)
        {
            if (!long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            {
                throw new InvalidDataException($"{name}: expected dimensions of at least 0, got ({text})");
            }

            shape.Add(length);
        }

        return shape.ToImmutable();
    }

    private static byte[] Take(Stream stream, int count, string name)
    {
        var bytes = new byte[count];
        return stream.ReadAtLeast(bytes, count, throwOnEndOfStream: false) == count
            ? bytes : throw new InvalidDataException($"{name}: expected a complete header, got one that is cut short");
    }

    [GeneratedRegex(
        @"^\{(?=[^{}]*'descr':\s*(?:'(?<descr>[^']*)'|\[))(?=[^{}]*'fortran_order':\s*(?<order>True|False)\s*[,}])"
            + @"(?=[^{}]*'shape':\s*\((?<shape>[^()]*)\))[^{}]*\}\s*$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Text();
}
