namespace StreamLearn.Nodes;

internal readonly record struct MeshCost(double Seconds, double Joules, double Bytes)
{
    public static MeshCost operator +(MeshCost first, MeshCost second) =>
        new(first.Seconds + second.Seconds, first.Joules + second.Joules, first.Bytes + second.Bytes);
}
