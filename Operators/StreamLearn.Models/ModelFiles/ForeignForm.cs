using System.Text.Json;

namespace StreamLearn.Models;

internal sealed record ForeignForm(string Kind, string Name, int Size) : ModelForm
{
    internal static ForeignForm Of(IModel model, NamedForm form)
    {
        form.Check(model.Plan);
        return new(form.Kind, form.Name, model.Plan.Values);
    }

    internal static ForeignForm Read(string kind, JsonSettings graph)
    {
        var count = graph.Int("values");
        return new(kind, graph.Text("name"), Count(count, 1, []));
    }

    internal override int Values() => Size;

    internal override IModel ToModel(IModel? expected) => expected?.Form is { } form && form.Kind == Kind && form.Name == Name
        && expected.Plan.Values == Size
        ? expected
        : throw new ModelFormatException($"the file does not contain the code of its model, {Kind} '{Name}' of {Size} values: "
            + "expected this model as an argument of Load, got " + (expected is null ? "none" : expected.Structure));

    protected override void Write(Utf8JsonWriter json)
    {
        json.WriteString(KindKey, Kind);
        json.WriteString("name", Name);
        json.WriteNumber("values", Size);
    }
}
