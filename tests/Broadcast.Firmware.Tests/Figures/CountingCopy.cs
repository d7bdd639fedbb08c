using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Broadcast.Firmware.Tests.Figures;

/// <summary>
/// A copy of this test's folder in which the device core and the firmware count the IL instructions they execute, block by
/// block: what an interpreter would have to interpret. Native code (HMAC, array copies, strings) is one call.
/// </summary>
internal static class CountingCopy
{
    public const string Counter = "InterpretedInstructions";

    /// <summary>Makes the copy and gives the path of its test assembly.</summary>
    public static string Make(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        using var device = AssemblyDefinition.ReadAssembly(Path.Combine(AppContext.BaseDirectory, "Broadcast.Device.dll"));
        var counter = new TypeDefinition("", Counter, TypeAttributes.Public | TypeAttributes.Class | TypeAttributes.Abstract | TypeAttributes.Sealed, device.MainModule.TypeSystem.Object);
        var field = new FieldDefinition("Value", FieldAttributes.Public | FieldAttributes.Static, device.MainModule.TypeSystem.Int64);
        counter.Fields.Add(field);
        device.MainModule.Types.Add(counter);
        CountIn(device.MainModule, field);
        device.Write(Path.Combine(folder, "Broadcast.Device.dll"));

        using var firmware = AssemblyDefinition.ReadAssembly(Path.Combine(AppContext.BaseDirectory, "Broadcast.Firmware.dll"));
        CountIn(firmware.MainModule, firmware.MainModule.ImportReference(field));
        firmware.Write(Path.Combine(folder, "Broadcast.Firmware.dll"));
        return Path.Combine(folder, "Broadcast.Firmware.Tests.dll");
    }

    private static void CountIn(ModuleDefinition module, FieldReference field)
    {
        foreach (var body in module.GetTypes().SelectMany(t => t.Methods).Where(m => m.HasBody).Select(m => m.Body)) CountIn(body, field);
    }

    private static void CountIn(MethodBody body, FieldReference field)
    {
        var code = body.Instructions.ToList();
        var leaders = Leaders(body, code);
        var il = body.GetILProcessor();
        for (var i = 0; i < code.Count; i++)
        {
            if (!leaders.Contains(code[i])) continue;
            var end = i + 1;
            while (end < code.Count && !leaders.Contains(code[end])) end++;
            // The counting goes before the block under the block's own identity, so that branches into it come by.
            var first = Instruction.Create(OpCodes.Nop);
            (first.OpCode, first.Operand) = (code[i].OpCode, code[i].Operand);
            (code[i].OpCode, code[i].Operand) = (OpCodes.Ldsfld, field);
            var add = il.Create(OpCodes.Ldc_I8, (long)(end - i));
            il.InsertAfter(code[i], add);
            var sum = il.Create(OpCodes.Add);
            il.InsertAfter(add, sum);
            var store = il.Create(OpCodes.Stsfld, field);
            il.InsertAfter(sum, store);
            il.InsertAfter(store, first);
        }

        Mono.Cecil.Rocks.MethodBodyRocks.OptimizeMacros(body);
    }

    private static HashSet<Instruction> Leaders(MethodBody body, List<Instruction> code)
    {
        Mono.Cecil.Rocks.MethodBodyRocks.SimplifyMacros(body);
        HashSet<Instruction> leaders = [code[0]];
        foreach (var handler in body.ExceptionHandlers)
        {
            leaders.Add(handler.TryStart);
            leaders.Add(handler.HandlerStart);
            if (handler.FilterStart is { } filter) leaders.Add(filter);
        }

        for (var i = 0; i < code.Count; i++)
        {
            if (code[i].Operand is Instruction target) leaders.Add(target);
            foreach (var way in code[i].Operand as Instruction[] ?? []) leaders.Add(way);
            if (code[i].OpCode.FlowControl is FlowControl.Branch or FlowControl.Cond_Branch or FlowControl.Return or FlowControl.Throw && i + 1 < code.Count) leaders.Add(code[i + 1]);
        }

        return leaders;
    }
}
