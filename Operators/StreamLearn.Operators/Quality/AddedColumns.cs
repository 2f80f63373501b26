using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Operators;

internal static class AddedColumns
{
    /// <summary>False if the block refuses the columns.</summary>
    internal static bool TryOutput(this IBlockOptions block, Schema input, [NotNullWhen(true)] out Schema? output)
    {
        try
        {
            output = block.Output(input);
            return true;
        }
        catch (SchemaException)
        {
            output = null;
            return false;
        }
    }

    /// <summary>Appends columns.</summary>
    /// <exception cref="SchemaException">A name already exists, or there are too many columns.</exception>
    internal static Schema With(this Schema input, params ReadOnlySpan<Field> added)
    {
        foreach (var field in added)
        {
            if (input.IndexOf(field.Name) >= 0) { throw new SchemaException($"expected no column '{field.Name}' yet, got {input}"); }
        }

        return input.Fields.Length + added.Length <= Schema.MaxColumns ? new([.. input.Fields, .. added])
            : throw new SchemaException($"expected at most {Schema.MaxColumns - added.Length} columns, got {input.Fields.Length}");
    }
}
