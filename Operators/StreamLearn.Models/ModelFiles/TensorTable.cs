namespace StreamLearn.Models;

internal static class TensorTable
{
    internal const string Metadata = "__metadata__";

    internal static float[] Arranged(JsonSettings file, IModel model, float[] values)
    {
        var plan = model.Plan;
        var arranged = new float[plan.Values];
        var tensors = file.Properties();
        var places = new List<(int From, int Length, string Name)>();
        for (var i = 0; i < plan.Slices.Length; i++)
        {
            var slice = plan.Slices[i];
            if (!tensors.Remove(slice.Name, out var tensor))
            {
                throw new ModelFormatException($"header: expected '{slice.Name}', got none");
            }

            var from = From(new(tensor, $"tensor {slice.Name}"), slice, ModelFileWriter.ShapeOf(model, i), values.Length);
            places.Add((from, slice.Length, slice.Name));
            var target = slice.Of(arranged.AsSpan());
            values.AsSpan(from, slice.Length).CopyTo(target);
            foreach (var value in target)
            {
                if (!float.IsFinite(value)) { throw new ModelFormatException($"tensor {slice.Name}: expected finite values, got {value}"); }
            }
        }

        if (tensors.Keys.FirstOrDefault(static name => name != Metadata) is { } other)
        {
            throw new ModelFormatException($"header: expected only the model's {plan.Slices.Length} tensors, got '{other}' too");
        }

        RequireWhole(places);
        return arranged;
    }

    /// <summary>Throws unless tensors are contiguous from the first value.</summary>
    private static void RequireWhole(List<(int From, int Length, string Name)> places)
    {
        places.Sort();
        for (var (i, end) = (0, 0); i < places.Count; end = places[i].From + places[i].Length, i++)
        {
            var (from, length, name) = places[i];
            if (from == end) { continue; }
            throw new ModelFormatException(from > end
                ? $"bytes {4L * end} to {4L * from} of the values belong to no tensor: the next one, {name}, begins after them"
                : $"tensors {places[i - 1].Name} and {name} overlap: bytes {Bytes(places[i - 1])} and {Bytes((from, length, name))}");
        }

        static string Bytes((int From, int Length, string Name) place) => $"{4L * place.From} to {4L * (place.From + place.Length)}";
    }

    private static int From(JsonSettings tensor, Slice slice, int[] shape, int count)
    {
        var (type, sizes) = (tensor.Text("dtype"), tensor.Ints("shape"));
        if (type != "F32") { throw new ModelFormatException($"tensor {slice.Name}: expected dtype F32, got {type}"); }
        if (!sizes.AsSpan().SequenceEqual(shape))
        {
            throw new ModelFormatException(
                $"tensor {slice.Name}: expected shape [{string.Join(", ", shape)}], got [{string.Join(", ", sizes)}]");
        }

        var offsets = tensor.Longs("data_offsets");
        tensor.End();
        if (offsets is not [var from, var to] || from < 0 || from % 4 != 0 || to - from != 4L * slice.Length || to > 4L * count)
        {
            throw new ModelFormatException($"tensor {slice.Name}: expected {4L * slice.Length} bytes within {4L * count}, got offsets "
                + $"[{string.Join(", ", offsets)}]");
        }

        return (int)(from / 4);
    }
}
