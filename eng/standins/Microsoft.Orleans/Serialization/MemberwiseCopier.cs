using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>
/// Copies an object of a [GenerateSerializer] type: its [Id] members, and no others, because no others would arrive.
/// A method is emitted for each type, since the members may be read-only and private.
/// </summary>
internal sealed class MemberwiseCopier : TypeCopier
{
    private static readonly MethodInfo CopyField = typeof(Copier).GetMethods()
        .Single(m => m.Name == nameof(Copier.Copy) && m.GetParameters().Length == 2);

    private readonly Type type;
    private readonly ConstructorInvoker? make;
    private readonly Action<object, object, CopyContext> copyFields;

    public MemberwiseCopier(Type type)
    {
        this.type = type;
        const BindingFlags any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        // As the packages do: with the constructor without arguments where there is one, else without any.
        make = !type.IsValueType && type.GetConstructor(any, Type.EmptyTypes) is { } empty ? ConstructorInvoker.Create(empty) : null;
        copyFields = Emit(type, [.. WireMembers.FieldsOf(type)]);
    }

    public override object Copy(object value, CopyContext context)
    {
        if (context.TryGet(value, out var known))
            return known!;
        var copy = make?.Invoke() ?? RuntimeHelpers.GetUninitializedObject(type);
        if (!type.IsValueType)
            context.Record(value, copy);
        copyFields(value, copy, context);
        return copy;
    }

    private static Action<object, object, CopyContext> Emit(Type type, FieldInfo[] fields)
    {
        var method = new DynamicMethod($"Copy {type}", null, [typeof(object), typeof(object), typeof(CopyContext)], type.Module, skipVisibility: true);
        var il = method.GetILGenerator();
        var cast = type.IsValueType ? OpCodes.Unbox : OpCodes.Castclass;
        foreach (var field in fields)
        {
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(cast, type);
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(cast, type);
            il.Emit(OpCodes.Ldfld, field);
            if (!IsHandedOn(field))
                EmitCopy(il, field.FieldType);
            il.Emit(OpCodes.Stfld, field);
        }
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Action<object, object, CopyContext>>();
    }

    private static bool IsHandedOn(FieldInfo field) => KnownTypes.IsHandedOn(field.FieldType) || WireMembers.IsImmutable(field);

    private static void EmitCopy(ILGenerator il, Type fieldType)
    {
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Call, CopyField.MakeGenericMethod(fieldType));
    }
}
