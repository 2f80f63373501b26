namespace StreamLearn.Learning;

internal static class WeightsCodec
{
    internal static Weights? Fields(ref FrameFields f, Weights? w)
    {
        var (version, hash, values) = (f.Long(w?.Version), f.Hash(w?.SchemaHash), f.Values(w?.Values));
        var scale = f.Moments(w?.Scale);
        var invited = f.Has(FrameFlags.Invited, w?.Invited is not null)
            ? f.Items(w?.Invited, static (ref f, device) => f.Text(device), minBytes: 3) : (ImmutableArray<string>?)null;
        var directives = f.Has(FrameFlags.Directives, w?.Directives.IsEmpty == false)
            ? f.Items(w?.Directives, DirectiveCodec.Fields, DirectiveCodec.MinBytes) : [];
        var epoch = f.Has(FrameFlags.Epoch, w is { Epoch: not 0 }) ? f.Long(w?.Epoch) : 0;
        var hasSeal = f.Has(FrameFlags.Seal, w is not null && w.Seal != 0);
        var (low, high) = hasSeal ? (f.Hash((ulong?)w?.Seal), f.Hash((ulong?)(w?.Seal >> 64))) : (0, 0);
        return !f.HasRead(version >= 0) ? w : new()
        {
            Version = version,
            SchemaHash = hash,
            Values = values,
            Scale = scale,
            Invited = invited,
            Directives = directives,
            Epoch = epoch,
            Seal = new(high, low),
        };
    }
}
